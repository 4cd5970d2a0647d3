package dev.muster.e2e;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Kills processes at random moments while one run goes on, and starts each again. One seed always draws the same victims,
 * moments and absences; what a moment hits depends on the machine. It sleeps: it draws moments and does not wait for
 * anything, and no condition could stand for "at no particular time".
 */
final class Fire implements AutoCloseable {
    private static final double LONG_ABSENCE = 0.2;
    /** So often the fire begins with the request that starts the run, which is over too soon to be hit by chance. */
    private static final double EARLY = 0.3;

    private static final long EARLY_MILLIS = 300;
    private static final double TWO_AT_ONCE = 0.25;
    private static final long SHORT_MILLIS = 2_000;
    /** Beyond the heartbeat of a step, ten seconds: the server gives it to somebody else. */
    private static final long LONG_MILLIS = 11_000;

    private static final long LONG_SPREAD_MILLIS = 3_000;

    /**
     * What can be killed.
     *
     * @param kill by kill -9; returns when the process is gone
     * @param restart returns when it serves again
     */
    record Victim(String name, Runnable kill, Runnable restart) {}

    /** What all is drawn from. In each round each victim is drawn once, so that a short fire hits all of them too. */
    static final class Lot {
        private final Random random;
        private final List<Victim> all;
        private final Deque<Victim> round = new ArrayDeque<>();

        /** @param all those first that others need in order to start */
        Lot(Random random, List<Victim> all) {
            this.random = random;
            this.all = List.copyOf(all);
        }

        List<Victim> all() {
            return all;
        }

        Victim draw() {
            if (round.isEmpty()) {
                List<Victim> next = new ArrayList<>(all);
                Collections.shuffle(next, random);
                round.addAll(next);
            }
            return round.remove();
        }
    }

    /**
     * @param absent until it was told to start again
     * @param starting from then until it served
     */
    record Kill(String victim, Instant at, Duration absent, Duration starting) {}

    private record Intent(Duration after, List<Victim> victims, Duration absent) {}

    private final List<Kill> kills = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Consumer<RuntimeException> failed;
    private final Thread thread;

    private Fire(List<Intent> intents, Consumer<RuntimeException> failed) {
        this.failed = failed;
        thread = new Thread(() -> burn(intents), "fire");
        thread.start();
    }

    /**
     * Begins now.
     *
     * @param lot whom it hits, and when
     * @param most kills, at least one
     * @param within the moments of the first kills; a run that is disturbed takes longer and is hit later too
     * @param failed told when something killed does not start again
     */
    static Fire begin(Lot lot, int most, Duration within, Consumer<RuntimeException> failed) {
        Random random = lot.random;
        int kills = 1 + random.nextInt(Math.min(3, most));
        List<Intent> intents = new ArrayList<>();
        for (int left = kills; left > 0; ) {
            List<Victim> hit = new ArrayList<>();
            hit.add(lot.draw());
            if (random.nextDouble() < TWO_AT_ONCE && left > 1) {
                Victim second = lot.draw();
                if (!hit.contains(second)) {
                    hit.add(second);
                }
            }
            left -= hit.size();
            hit.sort(Comparator.comparingInt(lot.all()::indexOf));
            boolean early = random.nextDouble() < EARLY && intents.isEmpty();
            Duration after = Duration.ofMillis(
                    (long) (random.nextDouble() * (early ? EARLY_MILLIS : within.toMillis() / intents(kills))));
            long absent = random.nextDouble() < LONG_ABSENCE
                    ? LONG_MILLIS + (long) (random.nextDouble() * LONG_SPREAD_MILLIS)
                    : (long) (random.nextDouble() * SHORT_MILLIS);
            intents.add(new Intent(after, List.copyOf(hit), Duration.ofMillis(absent)));
        }
        return new Fire(intents, failed);
    }

    /** The first of several comes sooner, so that the others still find the run under way. */
    private static double intents(int kills) {
        return kills == 1 ? 1 : 0.7 * kills;
    }

    private void burn(List<Intent> intents) {
        try {
            for (Intent intent : intents) {
                if (over.await(intent.after().toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                Instant at = Instant.now();
                intent.victims().forEach(victim -> victim.kill().run());
                // Time is the point: how long a process is away decides what the others make of it.
                TimeUnit.MILLISECONDS.sleep(intent.absent().toMillis());
                for (Victim victim : intent.victims()) {
                    // In their order: a worker gives up where there is no Temporal server for half a minute.
                    Instant restarted = Instant.now();
                    victim.restart().run();
                    kills.add(new Kill(victim.name(), at, intent.absent(), Duration.between(restarted, Instant.now())));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }

    /** No further kill; waits until all that were killed serve again. Returns what was killed. */
    List<Kill> end() throws InterruptedException {
        over.countDown();
        thread.join();
        return List.copyOf(kills);
    }

    @Override
    public void close() throws InterruptedException {
        over.countDown();
        thread.join();
    }
}
