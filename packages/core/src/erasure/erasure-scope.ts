// Decides what an erasure has to look at: the groups, sources, owners and columns that may name a subject of an entity.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Source } from "../definitions/source.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import type { Definitions } from "../ports/definitions.ts";
import type { RowLayout } from "../ports/erasure-files.ts";

export interface GroupScope {
  readonly group: FeatureGroup;
  /** True where the subject is the record itself. */
  readonly isRecord: boolean;
  /** The feature that names the subject where the record is something else; undefined: none does. */
  readonly namedBy: string | undefined;
  /** Columns of the offline rows that may name the subject. */
  readonly columns: readonly string[];
}

export interface SourceScope {
  readonly source: Source;
  readonly columns: readonly string[];
  readonly isStreamed: boolean;
}

export interface ErasureScope {
  readonly entity: string;
  readonly groups: readonly GroupScope[];
  readonly sources: readonly SourceScope[];
}

/** The scope of an entity, groups and sources ascending by name. @throws InvalidInputError naming the entities that there are. */
export function erasureScope(definitions: Definitions, entity: string): ErasureScope {
  const groups = definitions.list().flatMap((group) => toGroupScope(group, entity));
  if (groups.length === 0) {
    const known = new Set(
      definitions.list().flatMap((group) => [group.entity.name, ...Object.keys(group.subjectColumns)]),
    );
    throw new InvalidInputError(
      `there is no entity "${entity}"; there are: ${[...known].sort().join(", ") || "none"}`,
    );
  }
  return { entity, groups, sources: toSources(groups) };
}

/** How the rows of a source's event files are dated. */
export function eventLayout(source: Source): RowLayout {
  return { kind: "events", eventTime: source.eventTime };
}

/** How its set-aside rows are: cells in the order of the columns. */
export function setAsideLayout(source: Source): RowLayout {
  return { kind: "set-aside", eventTimeIndex: Object.keys(source.columns).indexOf(source.eventTime) };
}

function toGroupScope(group: FeatureGroup, entity: string): readonly GroupScope[] {
  const isRecord = group.entity.name === entity;
  // Every object has a `constructor`: only what the definition names is an entity.
  const namedBy = Object.hasOwn(group.subjectColumns, entity) ? group.subjectColumns[entity] : undefined;
  if (!isRecord && namedBy === undefined) return [];
  const columns = [
    ...(isRecord ? [group.recordIdentifier] : []),
    ...(namedBy === undefined ? [] : [namedBy]),
  ];
  return [{ group, isRecord, namedBy, columns }];
}

function toSources(groups: readonly GroupScope[]): readonly SourceScope[] {
  const byName = Map.groupBy(groups, ({ group }) => group.source.name);
  return [...byName.values()]
    .flatMap((sharing) => {
      const source = sharing[0]?.group.source;
      if (source === undefined) return [];
      const columns = new Set(sharing.flatMap((scope) => scope.columns));
      const isStreamed = sharing.some(({ group }) => group.path === "stream");
      return [{ source, columns: [...columns].sort(), isStreamed }];
    })
    .sort((left, right) => (left.source.name < right.source.name ? -1 : 1));
}
