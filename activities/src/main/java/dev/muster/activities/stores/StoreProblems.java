package dev.muster.activities.stores;

import dev.muster.repository.verification.Problem;
import dev.muster.workflows.stores.StoreProblem;
import java.util.List;

/** Problems as a report holds them: the first few, each short enough for a history. */
final class StoreProblems {
    private static final int LONGEST = 500;

    private StoreProblems() {}

    static List<StoreProblem> of(List<Problem> problems) {
        return problems.stream()
                .limit(StoreProblem.MOST)
                .map(problem -> new StoreProblem(
                        problem.code(), problem.object(), problem.file().orElse(null), shortened(problem.message())))
                .toList();
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }
}
