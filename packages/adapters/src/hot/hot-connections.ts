// Decides by which connection an owner's part of the hot store is reached: with the owner's own user, wherever it lies.

import { NotFoundError } from "@steward/core";
import type { RedisConnection } from "./redis-connection.ts";

/** A RedisConnection is one too: the same for every owner. */
export interface HotConnections {
  /** @throws NotFoundError for an owner without one. */
  of(owner: string): RedisConnection;
  /** One connection to each server or cluster that any owner lies on: for what is asked of servers, not of owners. */
  places(): readonly RedisConnection[];
}

export interface OwnerConnectionsOptions {
  readonly owners: readonly string[];
  /** Opens the connection of an owner, with the user that may write its keys; called once an owner, when it is first needed. */
  open(owner: string): RedisConnection;
  /** The cluster that the owner lies on, by any name; default: all on one. */
  placeOf?(owner: string): string;
}

/** A connection an owner. Whoever made it closes it. */
export class OwnerConnections implements HotConnections {
  readonly #options: OwnerConnectionsOptions;
  readonly #opened = new Map<string, RedisConnection>();

  constructor(options: OwnerConnectionsOptions) {
    this.#options = options;
  }

  of(owner: string): RedisConnection {
    const opened = this.#opened.get(owner);
    if (opened !== undefined) return opened;
    if (!this.#options.owners.includes(owner))
      throw new NotFoundError(`the hot store has no connection for owner "${owner}"`);
    const connection = this.#options.open(owner);
    this.#opened.set(owner, connection);
    return connection;
  }

  places(): readonly RedisConnection[] {
    const { owners, placeOf } = this.#options;
    const byPlace = Map.groupBy(owners, (owner) => placeOf?.(owner) ?? "");
    // One that is open already is preferred to a further one.
    return [...byPlace.values()].map(([first = "", ...others]) =>
      this.of([first, ...others].find((owner) => this.#opened.has(owner)) ?? first),
    );
  }

  /** Drops every connection; calls still under way fail. */
  close(): void {
    for (const connection of this.#opened.values()) connection.close();
    this.#opened.clear();
  }
}
