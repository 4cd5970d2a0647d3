package dev.muster.postgres.wal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The bytes of one piece of a segment; its object is opened with the first read. */
final class PieceStream extends InputStream {
    private final WalArchive archive;
    private final StoredWal.Piece piece;
    private Optional<InputStream> open = Optional.empty();
    private int left;

    PieceStream(WalArchive archive, StoredWal.Piece piece) {
        this.archive = archive;
        this.piece = piece;
        this.left = piece.to() - piece.from();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        if (open.isEmpty()) {
            InputStream in = archive.open(piece.object());
            open = Optional.of(in);
            in.skipNBytes(piece.from() - piece.object().from());
        }
        int read = open.get().read(buffer, offset, Math.min(length, left));
        if (read < 0) {
            throw WalArchive.tooShort(piece.object());
        }
        left -= read;
        return read;
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
