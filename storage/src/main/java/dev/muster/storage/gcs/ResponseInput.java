package dev.muster.storage.gcs;

import com.google.api.client.http.HttpResponse;
import java.io.FilterInputStream;
import java.io.IOException;

/**
 * The body of a response; closing it before its end gives the connection up instead of reading the rest, and after its end
 * leaves the connection for the next request.
 */
final class ResponseInput extends FilterInputStream {
    private final HttpResponse response;

    private long remaining;

    ResponseInput(HttpResponse response, long length) throws IOException {
        super(response.getContent());
        this.response = response;
        this.remaining = length;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        remaining -= read < 0 ? 0 : 1;
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        remaining -= Math.max(read, 0);
        return read;
    }

    @Override
    public void close() throws IOException {
        if (remaining == 0) {
            super.close();
        } else {
            response.disconnect();
        }
    }
}
