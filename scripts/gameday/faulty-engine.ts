// A batch engine that can be told to fail as a cluster does: to stand still, or to be refused capacity.

import { type BatchEngine, type ComputeJob, UnavailableError } from "@steward/core";

export class FaultyEngine {
  #stalls = false;
  #lacksCapacity = false;

  /** The next compute job stands still; those after it run. */
  stallOnce(): void {
    this.#stalls = true;
  }

  /** From now on no compute job gets what it needs, or each does again. */
  lackCapacity(lacks: boolean): void {
    this.#lacksCapacity = lacks;
  }

  wrap(engine: BatchEngine): BatchEngine {
    return new Proxy(engine, {
      get: (target, name) => {
        if (name === "compute") return (job: ComputeJob) => this.#compute(target, job);
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }

  async #compute(engine: BatchEngine, job: ComputeJob) {
    if (this.#lacksCapacity) throw new UnavailableError("the batch engine has no capacity for this job");
    if (!this.#stalls) return engine.compute(job);
    this.#stalls = false;
    return new Promise<never>(() => {});
  }
}
