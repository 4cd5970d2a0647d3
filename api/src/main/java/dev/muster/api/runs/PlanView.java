package dev.muster.api.runs;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;

/** A run's plan. */
@Schema(name = "Plan", description = "A run's plan")
record PlanView(
        @Schema(description = "SHA-256 of its stored bytes") String planHash,
        @Schema(description = "For people") String text,

        @Schema(description = "The JSON that was hashed, canonical (RFC 8785)", implementation = Object.class)
        @JsonRawValue
        String plan) {}
