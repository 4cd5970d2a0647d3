package dev.muster.workflows.run;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** What the fakes were asked for, in order, and how each activity behaves when it is asked: it fails, or it waits. */
final class Calls {
    private final List<String> made = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<RuntimeException>> failures = new HashMap<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

    /** The activity's next attempts fail, each with the next of these; then it succeeds. */
    synchronized void fail(String activity, RuntimeException... with) {
        failures.computeIfAbsent(activity, name -> new ArrayDeque<>()).addAll(List.of(with));
    }

    /** The activity does not return until the latch is opened. */
    CountDownLatch hold(String activity) {
        CountDownLatch latch = new CountDownLatch(1);
        held.put(activity, latch);
        return latch;
    }

    /** Said by each fake first. */
    void made(String activity) {
        made.add(activity);
        CountDownLatch latch = held.get(activity);
        if (latch != null) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // The environment is closed by a test that has failed already.
                Thread.currentThread().interrupt();
            }
        }
        RuntimeException failure = nextFailure(activity);
        if (failure != null) {
            throw failure;
        }
    }

    private synchronized @org.jspecify.annotations.Nullable RuntimeException nextFailure(String activity) {
        Queue<RuntimeException> planned = failures.get(activity);
        return planned == null ? null : planned.poll();
    }

    /** Those on the host that are more than a look. */
    List<String> onHost() {
        return made.stream()
                .filter(name ->
                        !name.startsWith("Observe") && !name.startsWith("control:") && !name.startsWith("catalog:"))
                .toList();
    }

    long count(String activity) {
        return made.stream().filter(activity::equals).count();
    }
}
