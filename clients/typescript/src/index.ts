/** The shop's API, typed by its document; requests are sent again where that is safe. */

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";
export type Schemas = components["schemas"];
/** A refusal (RFC 9457): branch on its `code`. */
export type Problem = Schemas["Problem"];
export type Shop = Client<paths>;

export interface Options {
  /** The access token, asked for before each request. */
  token?: () => string | undefined;
  /** How often a request is tried at most. */
  tries?: number;
  fetch?: typeof fetch;
  pause?: (milliseconds: number) => Promise<void>;
}

const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const NOTHING_DONE = new Set(["overloaded", "too_many_requests"]);
const AGAIN = new Set([502, 503, 504]);
const KEY = "Idempotency-Key";

/** A refusal as an exception; `problem` has everything that the shop says of it. */
export class ProblemError extends Error {
  readonly code: string;

  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail ?? problem.title}`);
    this.code = problem.code;
  }
}

/** Make an Idempotency-Key: one for each purchase that somebody means to make. */
export function newKey(): string {
  return crypto.randomUUID();
}

/** Open a shop. */
export function openShop(baseUrl: string, options: Options = {}): Shop {
  const shop = createClient<paths>({ baseUrl, fetch: (request) => sent(request, options) });
  shop.use({
    onRequest({ request }) {
      const token = options.token?.();
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });
  return shop;
}

/** Take what an operation answers, or throw what the shop refuses. */
export function answered<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.response.ok) return answer.data as T;
  const told = (typeof answer.error === "object" ? answer.error : null) as Partial<Problem> | null;
  throw new ProblemError({
    type: "about:blank",
    title: answer.response.statusText,
    code: "unknown",
    request_id: answer.response.headers.get("X-Request-Id") ?? "",
    ...told,
    status: answer.response.status,
  });
}

/** Go through a list to its end: `for await (const order of each((cursor) => ...))`. */
export async function* each<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor: string | null }>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const found = await page(cursor);
    yield* found.items;
    cursor = found.next_cursor ?? undefined;
  } while (cursor);
}

async function sent(request: Request, options: Options): Promise<Response> {
  const tries = options.tries ?? 5;
  const send = options.fetch ?? fetch;
  const pause = options.pause ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));
  const isRepeatable = REPEATABLE.has(request.method) || request.headers.has(KEY);
  for (let attempt = 1; ; attempt += 1) {
    let wait = 500 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    try {
      const response = await send(request.clone());
      if (attempt >= tries || !(await isWorthAnother(response, isRepeatable))) return response;
      const told = Number(response.headers.get("Retry-After") ?? NaN);
      if (!Number.isNaN(told)) wait = told * 1000;
    } catch (error) {
      if (attempt >= tries || !isRepeatable) throw error;
    }
    await pause(wait);
  }
}

async function isWorthAnother(response: Response, isRepeatable: boolean): Promise<boolean> {
  if (response.ok || (response.status !== 409 && response.status < 429)) return false;
  const code = await response.clone().json().then((told) => String(told.code), () => "");
  if (NOTHING_DONE.has(code)) return true;
  return isRepeatable && (code === "request_in_flight" || AGAIN.has(response.status));
}
