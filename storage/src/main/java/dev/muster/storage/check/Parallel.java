package dev.muster.storage.check;

import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Many small requests at once, so that a far store does not take minutes for them. */
final class Parallel {
    private static final int THREADS = 16;

    private Parallel() {}

    /** Does it with each until one fails; what that said. */
    static Optional<StoreException> each(List<String> keys, Consumer<String> action) {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            AtomicBoolean failed = new AtomicBoolean();
            List<Future<?>> all = new ArrayList<>();
            for (String key : keys) {
                all.add(executor.submit(() -> {
                    if (!failed.get()) {
                        try {
                            action.accept(key);
                        } catch (StoreException e) {
                            failed.set(true);
                            throw e;
                        }
                    }
                }));
            }
            Optional<StoreException> first = Optional.empty();
            for (Future<?> one : all) {
                Optional<StoreException> failure = failure(one);
                first = first.isPresent() ? first : failure;
            }
            return first;
        } finally {
            executor.shutdownNow();
        }
    }

    private static Optional<StoreException> failure(Future<?> one) {
        try {
            one.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                return Optional.of(failure);
            }
            throw new IllegalStateException("A request failed in a way that no store should", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(new StoreException(
                    "STORE_UNREACHABLE",
                    "The check of a store was interrupted.",
                    "Do it again if it is still wanted.",
                    e));
        }
    }
}
