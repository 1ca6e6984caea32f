/// <reference path="./.sst/platform/config.d.ts" />

// Decides what a stage of Steward is called and what becomes of it when it is removed. SST allows no import above `run`.

export default $config({
  app(input) {
    const isProd = input.stage === "prod";
    return {
      name: "steward",
      home: "aws",
      version: "4.17.1",
      removal: isProd ? "retain" : "remove",
      protect: isProd,
      providers: { aws: { version: "7.20.0", region: "us-east-1" } },
    };
  },
  async run() {
    const { build } = await import("./stacks/index.ts");
    return build();
  },
});
