// Redis as ElastiCache offers it: over TLS alone for its users, who are those of an ACL file. Tests administer it by its plain
// port on loopback, which no user of the file is given.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedisAddress, RedisConnection, type RedisConnectionOptions } from "@steward/adapters";
import type { HotUser } from "@steward/core";
import { freePort, startRedis, startRedisCluster, type TestRedis } from "./redis.ts";

const PASSWORD = "a-password-of-the-acl-file";

export interface TlsRedis {
  /** The plain doors, for an administrator. */
  readonly nodes: readonly TestRedis[];
  /** PEM. */
  readonly ca: string;
  /** Of the TLS doors; without a user. */
  readonly address: RedisAddress;
  /** Of every user of the file. */
  readonly password: string;
  connectAs(user: HotUser, options?: RedisConnectionOptions): RedisConnection;
  stop(): Promise<void>;
}

/** `users` may enter, by one password. `host`: whom the certificate names; default: the address that is connected to. */
export async function startTlsRedis(
  users: readonly HotUser[],
  { isCluster = false, host = "IP:127.0.0.1" } = {},
): Promise<TlsRedis> {
  const folder = mkdtempSync(join(tmpdir(), "steward-tls-"));
  makeCertificates(folder, host);
  const aclFile = join(folder, "users.acl");
  writeFileSync(aclFile, aclLines(users));
  const ports = [await freePort(), await freePort(), await freePort()];
  const argsOf = (index: number) => [...tlsArgs(folder, ports[index] ?? 0), "--aclfile", aclFile];
  const started = isCluster
    ? await startRedisCluster({ argsOf: (index) => [...argsOf(index), "--tls-cluster", "yes"] })
    : await startRedis({ args: argsOf(0) });
  const nodes = "nodes" in started ? started.nodes : [started];
  const toAddress = (user = ""): RedisAddress => {
    const urls = ports.slice(0, nodes.length).map((port) => `rediss://${user}127.0.0.1:${port}`);
    return isCluster ? { kind: "cluster", urls } : { kind: "server", url: urls[0] ?? "" };
  };
  const opened: RedisConnection[] = [];
  const ca = readFileSync(join(folder, "ca.crt"), "utf8");
  return {
    nodes,
    ca,
    address: toAddress(),
    password: PASSWORD,
    connectAs(user, options = { ca }) {
      const connection = new RedisConnection(toAddress(`${user.name}:${PASSWORD}@`), options);
      opened.push(connection);
      return connection;
    },
    async stop() {
      for (const connection of opened) connection.close();
      await started.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** SHA-256 of a password in hex, as an ACL rule has it. */
export const hashOf = (password: string): string => createHash("sha256").update(password).digest("hex");

function aclLines(users: readonly HotUser[]): string {
  const lines = users.map(({ name, accessString }) => `user ${name} #${hashOf(PASSWORD)} ${accessString}`);
  return `${["user default on nopass ~* &* +@all", ...lines].join("\n")}\n`;
}

function tlsArgs(folder: string, port: number): readonly string[] {
  return [
    ...["--tls-port", String(port), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", join(folder, "redis.crt"), "--tls-key-file", join(folder, "redis.key")],
    ...["--tls-ca-cert-file", join(folder, "ca.crt")],
  ];
}

/** A CA, and a certificate by it that names the host. */
function makeCertificates(folder: string, host: string): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...[
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-days",
      "2",
      "-subj",
      "/CN=test CA",
    ],
  );
  openssl("req", ...newKey, "-keyout", "redis.key", "-out", "redis.csr", "-subj", "/CN=redis");
  writeFileSync(join(folder, "redis.ext"), `subjectAltName=${host}\n`);
  openssl(
    ...["x509", "-req", "-in", "redis.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "redis.crt", "-days", "2", "-extfile", "redis.ext"],
  );
}
