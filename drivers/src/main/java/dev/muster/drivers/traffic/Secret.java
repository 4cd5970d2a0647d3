package dev.muster.drivers.traffic;

import java.security.MessageDigest;

/** Bytes that sign, already resolved from where they are kept; no text of this object shows them. */
public final class Secret {
    private static final int SHORTEST = 16;

    private final byte[] bytes;

    /** @throws TrafficException TRAFFIC_SETTINGS_INVALID if it is shorter than 16 bytes */
    public Secret(byte[] bytes) {
        if (bytes.length < SHORTEST) {
            throw new TrafficException(
                    "TRAFFIC_SETTINGS_INVALID",
                    "A secret of " + bytes.length + " bytes is too short to sign with",
                    "It has " + SHORTEST + " bytes or more; tsig-keygen or openssl rand make one.");
        }
        this.bytes = bytes.clone();
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    /** Tells nothing. */
    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
