package dev.muster.storage.gcs;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;

/** CRC32C as Google writes it: four bytes, the highest first, in base64. */
final class GcsChecksum {
    private GcsChecksum() {}

    static String text(CRC32C checksum) {
        return Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    }
}
