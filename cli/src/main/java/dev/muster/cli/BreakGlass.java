package dev.muster.cli;

/** The verbs that speak to Temporal itself, for when there is no API: always the same, whatever context is in use. */
final class BreakGlass {
    private BreakGlass() {}

    /**
     * The workflow id, unless it is the API's id of a run.
     *
     * @param verb that does the same over the API
     * @throws CliException WORKFLOW_ID_INVALID
     */
    static String workflowId(String given, String verb) {
        if (given.matches("[0-9A-HJKMNP-TV-Z]{26}")) {
            throw new CliException(
                    "WORKFLOW_ID_INVALID",
                    given + " is a run's id; this verb speaks to Temporal without the API and needs a workflow id.",
                    "Over the API: muster runs " + verb + " " + given + ". A workflow id is such as change/orders.",
                    ExitCode.BAD_INPUT);
        }
        return given;
    }
}
