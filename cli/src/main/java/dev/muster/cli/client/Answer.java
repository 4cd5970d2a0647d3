package dev.muster.cli.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the API answered to a request that it carried out.
 *
 * @param body as it came, for scripts
 */
public record Answer(int status, String body, JsonNode json) {}
