/** The lease against a real etcd of three voters and a real PostgreSQL. */
@org.jspecify.annotations.NullMarked
package dev.muster.postgres.lease;
