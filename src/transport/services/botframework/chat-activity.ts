/**
 * Chat activity — a chat message in the words of the Bot Connector: an activity, with a hero card for each card.
 *
 * @module
 */
import type { ChatButton, ChatCard, ChatDelivery } from '../../../machines/index.ts';

/** The conversation with the person a message is for, and nobody else. `tenantId` is where Teams looks for people. */
export const conversationWith = ({ to, from }: ChatDelivery, tenantId: string | undefined): object => ({
  isGroup: false,
  bot: { id: from }, // what the client of the Agents SDK calls `agent`, and sends as it is
  members: [{ id: to }],
  ...(tenantId !== undefined && { tenantId, channelData: { tenant: { id: tenantId } } }),
});

/** The message of `delivery` in the conversation `id`. */
export const activityOf = ({ to, from, message: { text, cards = [] } }: ChatDelivery, id: string): object => ({
  type: 'message',
  from: { id: from },
  recipient: { id: to },
  conversation: { id },
  ...(text !== undefined && { text, textFormat: 'plain' }),
  ...(cards.length > 0 && { attachments: cards.map(heroCard) }),
  ...(cards.length > 1 && { attachmentLayout: 'carousel' }),
});

const heroCard = ({ title, subtitle, text, images = [], buttons = [] }: ChatCard): object => ({
  contentType: 'application/vnd.microsoft.card.hero',
  content: {
    ...(title !== undefined && { title }),
    ...(subtitle !== undefined && { subtitle }),
    ...(text !== undefined && { text }),
    ...(images.length > 0 && { images }),
    ...(buttons.length > 0 && { buttons: buttons.map(cardAction) }),
  },
});

const cardAction = ({ title, url, reply, call }: ChatButton): object =>
  url !== undefined ? { type: 'openUrl', title, value: url } : reply !== undefined ? { type: 'imBack', title, value: reply } : { type: 'call', title, value: `tel:${call}` };
