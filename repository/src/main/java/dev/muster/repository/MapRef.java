package dev.muster.repository;

import dev.muster.repository.frames.ContentHash;

/**
 * Where a file map is: the runs of a file, or of a stretch of a large file. An unchanged file of an increment points to
 * its ancestor's map.
 *
 * @param backup whose map object it is
 * @param object number of the map object in that backup, 0 to 65,535
 * @param offset in the object's raw bytes
 * @param length in bytes
 * @param hash SHA-256 of the map's bytes
 * @param from first byte of the file that the map covers
 * @param covered how many bytes of the file it covers
 */
public record MapRef(String backup, int object, long offset, int length, ContentHash hash, long from, long covered) {
    public MapRef {
        boolean placed = object >= 0 && object <= 0xFFFF && offset >= 0 && length >= FileMap.HEADER;
        if (!placed || length > FileMap.MAX_LENGTH || from < 0 || covered < 1 || from + covered < 0) {
            throw new IllegalArgumentException("Not a reference to a file map: object " + object + ", " + length
                    + " bytes at " + offset + " for " + covered + " bytes from " + from);
        }
    }
}
