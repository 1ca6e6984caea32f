// Opens what wakes a person.

import { createSnsClient, SnsPager } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(
  async () => new SnsPager({ client: createSnsClient(), topicArn: variable("PAGES_TOPIC") }),
);
