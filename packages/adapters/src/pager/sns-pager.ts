// Decides how a person is told in an account: one topic of SNS, in words for people, as the page itself for machines.
// Leaves who listens (mail, chat, an on-call service) to the topic's subscriptions.

import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Page, Pager } from "@steward/core";
import { toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";

export interface SnsPagerOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, read 2026-11-25: ASCII, no line ends or control characters,
 * the first one no space. */
const MAX_SUBJECT_CHARS = 100;
const CUT = "...";
const NOT_PRINTABLE = /[^\x20-\x7e]+/g;
/** Pages of the last hours; beyond that one is forgotten. */
const MAX_REMEMBERED = 1_000;

export function createSnsClient(options: AwsClientOptions = {}): SNSClient {
  return new SNSClient(clientSettings(options, BRIEF_CALLS));
}

/**
 * The same page again sends nothing while this process lives. Another process cannot tell: a standard topic knows no
 * duplicates, and a FIFO topic, which would, reaches no mail. So a page that is sent again after a kill may arrive twice, and
 * each copy carries its `pageId` as a message attribute, by which a machine drops the second. `group` is one too, for filters.
 */
export class SnsPager implements Pager {
  readonly #client: SNSClient;
  readonly #topicArn: string;
  readonly #sent = new Set<string>();

  constructor({ client, topicArn }: SnsPagerOptions) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  /** @throws UnavailableError; NotFoundError without the topic. */
  async page(page: Page): Promise<void> {
    if (this.#sent.has(page.pageId)) return;
    try {
      await this.#client.send(
        new PublishCommand({
          TopicArn: this.#topicArn,
          Subject: toSubject(page.subject),
          MessageStructure: "json",
          Message: JSON.stringify(toMessages(page)),
          MessageAttributes: {
            pageId: { DataType: "String", StringValue: page.pageId },
            ...(page.group === null ? {} : { group: { DataType: "String", StringValue: page.group } }),
          },
        }),
      );
    } catch (error) {
      throw toCallError("a page could not be sent", error);
    }
    this.#remember(page.pageId);
  }

  #remember(pageId: string): void {
    this.#sent.add(pageId);
    const [oldest] = this.#sent;
    if (this.#sent.size > MAX_REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
  }
}

/** What SNS takes as a subject: other characters are a "?" each run, and what is too long ends in dots. */
export function toSubject(text: string): string {
  const plain = text.replace(/\s+/g, " ").trim().replace(NOT_PRINTABLE, "?");
  if (plain === "") return "Steward needs a person";
  return plain.length <= MAX_SUBJECT_CHARS ? plain : plain.slice(0, MAX_SUBJECT_CHARS - CUT.length) + CUT;
}

/** By protocol: words by default (mail, text messages), the page as JSON to machines. */
function toMessages({ pageId, incidentId, group, subject, text, runbook }: Page) {
  const json = JSON.stringify({ pageId, incidentId, group, subject, text, runbook });
  const words = `${subject}\n\n${text}\n\nRunbook: ${runbook}\nIncident: ${incidentId}\nPage: ${pageId}\n`;
  return { default: words, sqs: json, lambda: json, http: json, https: json };
}
