/**
 * Chat client — the connector client of Microsoft's Agents SDK, an optional peer that is loaded when it is wanted; with a
 * token that is renewed, a time limit and retries, which it leaves to its caller.
 *
 * The only file that knows the package.
 *
 * @module
 */
import type { HttpRequestConfig, HttpResponse } from '@microsoft/agents-hosting';
import { CallError } from '../../../errors.ts';
import { type Patience, patiently, refusalIn, within } from '../../patience.ts';
import { tokenFailure, type TokenSource } from './chat-token.ts';

/** The two requests of the Bot Connector that a message takes. */
export interface ConnectorCalls {
  /** The id of the new conversation, looked at without trust. */
  createConversation(parameters: object): Promise<unknown>;
  sendToConversation(id: string, activity: object): Promise<void>;
}

/** Opens the client for one message. */
export type OpenClient = (patience: Patience) => ConnectorCalls;

/** @throws `ERR_OPTION_INVALID` when the package is not installed. */
export const loadClient = async (serviceUrl: string, tokens: TokenSource): Promise<OpenClient> => {
  const { ConnectorClient, getProductInfo, HttpClient } = await load();
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': getProductInfo() };

  class PatientHttp extends HttpClient {
    readonly #patience: Patience;

    constructor(patience: Patience) {
      super({ baseURL: serviceUrl, headers });
      this.#patience = patience;
    }

    override async request<T = unknown>(config: HttpRequestConfig): Promise<HttpResponse<T>> {
      let isRenewed = false;
      const attempt = async (): Promise<HttpResponse<T>> => {
        const token = await this.#token();
        try {
          return await super.request<T>({ ...config, headers: { ...config.headers, authorization: `Bearer ${token}` }, signal: this.#patience.signal });
        } catch (error) {
          if (refusalIn(error)?.status !== 401 || isRenewed) throw error;
          isRenewed = true;
          tokens.forget(token); // revoked, or a clock that is wrong: a new one is tried once
          return attempt();
        }
      };
      return patiently(attempt, this.#patience);
    }

    async #token(): Promise<string> {
      try {
        return await patiently(() => within(this.#patience.signal, tokens.get()), this.#patience);
      } catch (error) {
        throw tokenFailure(error);
      }
    }
  }

  class PatientClient extends ConnectorClient {
    constructor(patience: Patience) {
      super(new PatientHttp(patience));
    }
  }

  return (patience) => {
    const client = new PatientClient(patience);
    return {
      createConversation: async (parameters) => ((await client.createConversation(parameters as never)) as { readonly id?: unknown } | undefined)?.id,
      sendToConversation: async (id, activity) => void (await client.sendToConversation(encodeURIComponent(id), activity as never)), // it puts the id into the path as it is
    };
  };
};

const load = async (): Promise<typeof import('@microsoft/agents-hosting')> => {
  try {
    return await import('@microsoft/agents-hosting');
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new CallError('ERR_OPTION_INVALID', 'chat messages through the Bot Connector need the package `@microsoft/agents-hosting`: npm install @microsoft/agents-hosting', { option: 'chat' }, { cause });
  }
};
