package dev.muster.workflows;

/** Which queue a worker polls, by the place it runs in. */
public final class TaskQueues {
    /** Workflow tasks; polled by control workers. */
    public static final String MUSTER = "muster";

    /** Activities that need the control plane: planning, epochs; polled by control workers. */
    public static final String CONTROL = "control";

    /**
     * What is written to the catalogue; polled by control workers that have one. Apart from {@link #CONTROL}, so that a
     * catalogue that is down takes no place from what runs wait for.
     */
    public static final String CATALOG = "catalog";

    private TaskQueues() {}

    /** Activities of one site: its stores and traffic. */
    public static String site(String site) {
        return "site-" + site;
    }

    /** Activities on one database host; its host worker alone touches the data directories there. */
    public static String host(String host) {
        return "host-" + host;
    }
}
