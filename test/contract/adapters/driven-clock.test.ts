import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { DrivenClock } from "@steward/adapters";
import { InvalidInputError, parseInstant, toEpochMs } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeClock } from "../ports/clock.ts";
import { raceChildren } from "../support/child.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describeClock("DrivenClock", async () => {
  const folder = makeTemporaryFolder();
  // A machine whose clock is set back now and then.
  let readings = 0;
  const timer = new FakeTimer();
  const jumping = {
    sleep: timer.sleep,
    fraction: timer.fraction,
    nowMs: () => {
      readings += 1;
      timer.advance(readings % 10 === 0 ? -50 : 1);
      return timer.nowMs() + 0.25;
    },
  };
  return {
    clock: new DrivenClock({ file: join(folder, "clock.jsonl"), timer: jumping }),
    close: async () => removeFolder(folder),
  };
});

describe("DrivenClock", () => {
  const october = instantOf("1997-10-01");
  const december = instantOf("1997-12-01");
  let folder: string;
  let file: string;
  let timer: FakeTimer;

  beforeEach(() => {
    folder = makeTemporaryFolder();
    file = join(folder, "state", "clock.jsonl");
    timer = new FakeTimer(Date.UTC(2026, 0, 31));
  });

  afterEach(() => {
    removeFolder(folder);
  });

  function openClock(): DrivenClock {
    return new DrivenClock({ file, timer });
  }

  it("tells real time without a setting", () => {
    const clock = openClock();

    const first = clock.now();
    timer.advance(1_500);

    expect([first, clock.now(), clock.isDriven()]).toEqual([1_769_817_600_000, 1_769_817_601_500, false]);
  });

  it("stands at the instant that was set, through restarts, until it is set again", () => {
    openClock().set(october);
    timer.advance(86_400_000);

    const clock = openClock();
    const standing = clock.now();
    clock.set(december);

    expect([standing, clock.now(), openClock().now(), clock.isDriven()]).toEqual([
      october,
      december,
      december,
      true,
    ]);
  });

  it("refuses to go back, and stays", () => {
    openClock().set(december);

    expect(() => openClock().set(october)).toThrow(InvalidInputError);
    expect(() => openClock().set(toEpochMs(december - 1))).toThrow(
      /1997-12-01T00:00:00.000Z, after 1997-11-30/,
    );
    expect(openClock().now()).toBe(december);
  });

  it("may be set to the instant where it stands", () => {
    openClock().set(december);
    openClock().set(december);

    expect(openClock().now()).toBe(december);
  });

  it("refuses the past once real time was told, by whichever process", () => {
    openClock().now();

    expect(() => openClock().set(october)).toThrow(InvalidInputError);
    expect(openClock().isDriven()).toBe(false);
  });

  it("refuses an instant that real time has passed since", () => {
    const clock = openClock();
    const toldMs = clock.now();
    timer.advance(1_000);

    expect(() => clock.set(toEpochMs(toldMs + 500))).toThrow(InvalidInputError);
    clock.set(toEpochMs(toldMs + 1_000));
    expect(clock.now()).toBe(toldMs + 1_000);
  });

  it("is seen by a clock that was open before it was set", () => {
    const open = openClock();
    open.isDriven();

    openClock().set(december);

    expect(open.now()).toBe(december);
  });

  it("passes over a line that a killed process left unfinished", () => {
    openClock().set(october);
    appendFileSync(file, '{"drivenTo":"1997-12-01T00:00:0\n');

    expect(openClock().now()).toBe(october);
  });

  it("counts the line of a process that lost a race for nothing", () => {
    openClock().set(december);
    appendFileSync(
      file,
      '{"drivenTo":"1997-10-01T00:00:00.000Z"}\n{"realSince":"1997-10-01T00:00:00.000Z"}\n',
    );

    expect(openClock().now()).toBe(december);
  });

  it("never goes back for any of several processes that set it at once", async () => {
    openClock().set(october);

    const outputs = await raceChildren("clock-setter", Array(3).fill([file, "200"]));

    const told = outputs.flat().map((line) => Number(line.split(" ")[1]));
    expect(told.length).toBeGreaterThan(600);
    expect(openClock().now()).toBe(Math.max(...told));
  });
});

function instantOf(text: string) {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`${text} is no instant`);
  return instant;
}
