package dev.muster.postgres.rowreturn;

import java.util.List;

/**
 * What became of the rows, by relation. For each relation expected = returned + already there + conflicting.
 *
 * @param untraceable rows that the transaction moved to another partition and may have deleted there: not brought back
 */
public record ReturnResult(List<ReturnedRelation> relations, long untraceable) {
    /**
     * One relation's rows.
     *
     * @param schema in the live database, now
     * @param name in the live database, now
     * @param nameThen schema and name on the copy, when the rows were deleted
     * @param oid on the copy
     * @param expected rows that the transaction deleted, all of them read from the copy
     * @param returned rows inserted into the live database
     * @param alreadyThere rows that were there with the same content, such as after an earlier attempt
     * @param conflicting rows whose key is there with other content, or that another unique key keeps out; left alone
     * @param conflicts keys of the first hundred conflicting rows
     * @param verified rows found in the live database with the same content after the commit
     * @param contentHash of the rows that the live transaction left in place just before its commit: a sum over MD5
     * @param verifiedHash the same, over the live database's rows after the commit
     */
    public record ReturnedRelation(
            String schema,
            String name,
            String nameThen,
            long oid,
            long expected,
            long returned,
            long alreadyThere,
            long conflicting,
            List<String> conflicts,
            long verified,
            String contentHash,
            String verifiedHash) {
        /** Whether every row that should be in the live database was found there unchanged after the commit. */
        public boolean isVerified() {
            return verified == expected - conflicting && contentHash.equals(verifiedHash);
        }
    }

    public long expected() {
        return relations.stream().mapToLong(ReturnedRelation::expected).sum();
    }

    public long returned() {
        return relations.stream().mapToLong(ReturnedRelation::returned).sum();
    }

    public long alreadyThere() {
        return relations.stream().mapToLong(ReturnedRelation::alreadyThere).sum();
    }

    public long conflicting() {
        return relations.stream().mapToLong(ReturnedRelation::conflicting).sum();
    }

    public boolean isVerified() {
        return untraceable == 0 && relations.stream().allMatch(ReturnedRelation::isVerified);
    }
}
