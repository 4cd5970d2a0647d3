/** The API's own description, generated from the resources. */
@NullMarked
package dev.muster.api.openapi;

import org.jspecify.annotations.NullMarked;
