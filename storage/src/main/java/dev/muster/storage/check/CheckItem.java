package dev.muster.storage.check;

/**
 * One thing that was looked at.
 *
 * @param name stable, lower case with minus signs, such as {@code create-only}
 * @param sentence what was seen, and what to do if it is not ok
 */
public record CheckItem(String name, Verdict verdict, String sentence) {}
