package dev.muster.storage.azure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;

/** The body of a response, one buffer at a time as it is read; closing it ends the request. */
final class FluxInput extends InputStream {
    private final Stream<ByteBuffer> stream;
    private final Iterator<ByteBuffer> buffers;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    FluxInput(Flux<ByteBuffer> body) {
        stream = body.toStream(1);
        buffers = stream.iterator();
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int read = Math.min(length, buffer.remaining());
        buffer.get(bytes, offset, read);
        return read;
    }

    private boolean fill() throws IOException {
        try {
            while (!buffer.hasRemaining()) {
                if (!buffers.hasNext()) {
                    return false;
                }
                buffer = buffers.next();
            }
            return true;
        } catch (RuntimeException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
