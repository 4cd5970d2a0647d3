package dev.muster.repository.frames;

/** How a frame's bytes are stored. */
public enum Codec {
    /** As they are. */
    STORED(0),
    /** One zstd frame. */
    ZSTD(1);

    private final int code;

    Codec(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** @throws IllegalArgumentException if this program knows no such codec */
    public static Codec of(int code) {
        return switch (code) {
            case 0 -> STORED;
            case 1 -> ZSTD;
            default -> throw new IllegalArgumentException("no codec has the number " + code);
        };
    }
}
