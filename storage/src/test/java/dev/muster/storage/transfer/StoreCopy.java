package dev.muster.storage.transfer;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** A program that copies a local store to another one and back into a second folder, in whatever heap it is given. */
final class StoreCopy {
    private StoreCopy() {}

    /** @param args the local store's folder, the other store's URL, the folder for what comes back */
    public static void main(String[] args) throws IOException {
        ObjectStore local = Stores.open(Path.of(args[0]).toUri().toString());
        ObjectStore other = Stores.open(args[1]);
        ObjectStore back = Stores.open(Path.of(args[2]).toUri().toString());
        copy(local, other);
        copy(other, back);
        System.out.println("copied");
    }

    private static void copy(ObjectStore from, ObjectStore to) throws IOException {
        java.util.List<String> keys = new java.util.ArrayList<>();
        from.list("", info -> keys.add(info.key()));
        for (String key : keys) {
            try (InputStream content = from.open(key)) {
                to.create(key, content);
            }
        }
    }
}
