package dev.muster.repository.keys;

import dev.muster.repository.frames.ContentHash;

/**
 * What key slots are bound to.
 *
 * @param id of the repository
 * @param hash of the bytes of its repo.json, which is so protected although it is plaintext
 */
public record RepositoryIdentity(String id, ContentHash hash) {}
