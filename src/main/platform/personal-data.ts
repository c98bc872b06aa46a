import { isIP } from 'node:net';

import isCreditCard from 'validator/lib/isCreditCard.js';
import isIBAN from 'validator/lib/isIBAN.js';
import isIdentityCard, { type IdentityCardLocale } from 'validator/lib/isIdentityCard.js';

/** Finds places that may be personal data; `judge` says whether one is. */
interface Kind {
  readonly candidate: RegExp;
  readonly mark: string;
  readonly judge?: (found: string) => boolean;
}

/** Identity numbers that carry a check, so that other numbers are seldom taken for one. */
const identityCards: readonly IdentityCardLocale[] = ['ES', 'FI', 'IT', 'NO', 'PL', 'zh-CN'];

const onlyDigits = (text: string): string => text.replace(/\D/g, '');

const isIdentityNumber = (found: string): boolean =>
  identityCards.some((locale) => isIdentityCard(found, locale));

/** Social security numbers of the United States; 000, 666 and 9xx are never given out. */
const isSocialSecurityNumber = (found: string): boolean => !/^(?:000|666|9)|^\d{3}.00|0000$/.test(found);

const hasPhoneLength = (found: string): boolean => {
  const { length } = onlyDigits(found);
  return length >= 8 && length <= 15;
};

/** Addresses before numbers, and numbers with a check before those without. */
const kinds: readonly Kind[] = [
  {
    candidate: /[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?\.[a-z]{2,24}\b/gi,
    mark: '[email]',
  },
  {
    candidate: /(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)/g,
    mark: '[ip]',
    judge: (found) => isIP(found) === 4,
  },
  {
    candidate: /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])/gi,
    mark: '[ip]',
    judge: (found) => isIP(found) === 6,
  },
  {
    candidate: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8}\b/g,
    mark: '[iban]',
    judge: (found) => isIBAN(found),
  },
  {
    candidate: /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])/g,
    mark: '[card]',
    judge: (found) => isCreditCard(onlyDigits(found)),
  },
  { candidate: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g, mark: '[id]', judge: isSocialSecurityNumber },
  // National insurance numbers of the United Kingdom
  {
    candidate: /\b(?![DFIQUV])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-Z][ABCEGHJ-NPR-TW-Z] ?(?:\d{2} ?){3}[A-D]\b/g,
    mark: '[id]',
  },
  { candidate: /(?<![\w.+-])[0-9A-Z+-]{8,18}(?![\w-])/g, mark: '[id]', judge: isIdentityNumber },
  {
    // International, or written as in North America
    candidate:
      /(?<![\w.])(?:\+\d{1,3}(?:[ ().-]{0,2}\d{1,4}){2,6}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])/g,
    mark: '[phone]',
    judge: hasPhoneLength,
  },
];

/** The text with e-mail addresses, phone numbers, cards, identity numbers and IP addresses replaced by their kind. */
export function withoutPersonalData(text: string): string {
  let clean = text;
  for (const { candidate, mark, judge } of kinds) {
    clean = clean.replace(candidate, (found) => (judge === undefined || judge(found) ? mark : found));
  }
  return clean;
}
