import { texts } from './texts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time in at most two units; a clock that jumped back gives no time at all. */
export function durationWords(durationMs: number): string {
  const words = texts.duration;
  const rest = Math.max(0, durationMs);
  if (rest < MINUTE_MS) return words.seconds(Math.floor(rest / SECOND_MS));
  if (rest < HOUR_MS) return words.minutes(Math.floor(rest / MINUTE_MS));
  if (rest < DAY_MS) {
    return words.hours(Math.floor(rest / HOUR_MS), Math.floor((rest % HOUR_MS) / MINUTE_MS));
  }
  return words.days(Math.floor(rest / DAY_MS));
}

/** The whole seconds until a moment, never negative. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / SECOND_MS));
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Time of day in the person's own format. */
export const clockTime = (atMs: number): string => clock.format(atMs);
/** Date in the person's own format. */
export const calendarDay = (atMs: number): string => day.format(atMs);
/** Date and time in the person's own format. */
export const calendarMoment = (atMs: number): string => moment.format(atMs);
