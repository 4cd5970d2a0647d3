package dev.muster.repository;

import dev.muster.repository.frames.Frame;

/**
 * A frame in a pack of this or another backup of the same source.
 *
 * @param backup whose pack it is
 * @param pack number of the pack in that backup, from 0
 */
public record FrameRef(String backup, int pack, Frame frame) {}
