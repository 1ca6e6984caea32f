// What a batch engine that reads paths asks of the place where input files lie: each file for the time of a use.

import type { InputFile, InspectedFile } from "@steward/core";

export interface InputFiles {
  /**
   * The path of this machine holds the whole file while `work` runs; nobody relies on it after.
   * @throws InvalidInputError when no such file lies there, or an inspected one has other bytes by now.
   */
  use<T>(file: InputFile | InspectedFile, work: (path: string) => Promise<T>): Promise<T>;
}
