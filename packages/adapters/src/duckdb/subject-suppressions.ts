// Decides which rows are about a suppressed subject: pseudonyms of the distinct identifiers, computed where the rows are.

import {
  type Pseudonymiser,
  quoteName,
  quoteText,
  type SuppressedSubject,
  timestampSql,
} from "@steward/core";
import type { DuckDbSession } from "./duckdb-session.ts";
import { pseudonymSql } from "./hmac-sql.ts";

export interface SubjectColumn {
  readonly entity: string;
  readonly column: string;
}

export interface SuppressionSql {
  /** Joins to a relation called `e`; empty when no subject of these columns is suppressed. */
  readonly joins: string;
  /** True of the rows of suppressed subjects that may not be used; never NULL. */
  readonly isSuppressed: string;
}

const NONE: SuppressionSql = { joins: "", isSuppressed: "FALSE" };
/** Values a statement: well under what the parser takes. */
const BATCH = 1_000;

/**
 * Finds the suppressed identifiers of each subject column in `relation` and gives the SQL that drops their rows:
 * those dated at or before the suppression's time; all of them, undated ones included, where it has none.
 * `eventTime` is SQL over the relation's columns.
 */
export async function suppressionSql(
  session: DuckDbSession,
  pseudonymiser: Pseudonymiser,
  relation: string,
  eventTime: string,
  subjects: readonly SubjectColumn[],
  suppressions: readonly SuppressedSubject[],
): Promise<SuppressionSql> {
  const named = subjects.filter(({ entity }) => suppressions.some((one) => one.entity === entity));
  if (named.length === 0) return NONE;
  await createSuppressions(session, suppressions);
  for (const [index, subject] of named.entries()) {
    await session.run(hitsSql(pseudonymiser, relation, subject, index));
  }
  const joins = named.map(
    ({ column }, index) =>
      `LEFT JOIN suppressed_${index} AS s${index} ON s${index}._identifier = CAST(e.${quoteName(column)} AS VARCHAR)`,
  );
  const conditions = named.map(
    (_, index) =>
      `coalesce(${eventTime} <= s${index}._until, s${index}._until = TIMESTAMP 'infinity', FALSE)`,
  );
  return { joins: joins.join(" "), isSuppressed: `(${conditions.join(" OR ")})` };
}

async function createSuppressions(
  session: DuckDbSession,
  suppressions: readonly SuppressedSubject[],
): Promise<void> {
  await session.run("CREATE TABLE suppressions (entity VARCHAR, pseudonym VARCHAR, until TIMESTAMP)");
  for (let at = 0; at < suppressions.length; at += BATCH) {
    const values = suppressions.slice(at, at + BATCH).map(({ entity, pseudonym, untilMs }) => {
      const until = untilMs === undefined ? "TIMESTAMP 'infinity'" : timestampSql(untilMs);
      return `(${quoteText(entity)}, ${quoteText(pseudonym)}, ${until})`;
    });
    await session.run(`INSERT INTO suppressions VALUES ${values.join(", ")}`);
  }
}

function hitsSql(
  pseudonymiser: Pseudonymiser,
  relation: string,
  subject: SubjectColumn,
  index: number,
): string {
  const pseudonym = pseudonymSql(pseudonymiser, subject.entity, "_identifier");
  const identifier = `CAST(${quoteName(subject.column)} AS VARCHAR)`;
  return `CREATE TABLE suppressed_${index} AS
    SELECT _identifier, max(until) AS _until
    FROM (SELECT _identifier, ${pseudonym} AS pseudonym
      FROM (SELECT DISTINCT ${identifier} AS _identifier FROM ${relation} WHERE ${quoteName(subject.column)} IS NOT NULL))
    JOIN suppressions USING (pseudonym)
    WHERE entity = ${quoteText(subject.entity)}
    GROUP BY _identifier`;
}
