// @ts-check
import { LARGE, MEDIUM, SMALL } from './plan.mjs';
import { quantile } from './measure.mjs';

/** @typedef {import('./contenders.mjs').Wire} Wire */
/** @typedef {import('./rounds.mjs').Sample} Sample */

/**
 * What one line of the table shows.
 * @typedef {object} Comparison
 * @property {Wire} wire
 * @property {string} other whom the router is compared with
 * @property {string} metric
 * @property {string} label
 * @property {string} unit
 * @property {number} ours median of the rounds
 * @property {number} theirs
 * @property {number} ratio median of the ratios of each round
 * @property {string | null} aim such as `<= 1.2`; null where there is none
 * @property {boolean | null} isMet null where there is no aim
 */

/** @typedef {{ metric: string, label: string, unit: string, bare: string | null, peer: string | null }} Measure */

const sizeWords = new Map([
  [SMALL, '64 B'],
  [MEDIUM, '4 KiB'],
  [LARGE, '768 KiB'],
]);

/**
 * @param {number} bytes
 * @returns {readonly Measure[]}
 */
function measuresFor(bytes) {
  const size = sizeWords.get(bytes) ?? `${String(bytes)} B`;
  const one = (/** @type {string} */ name) => `${name}:${String(bytes)}`;
  const bare = bytes >= LARGE ? '<= 1.1' : '<= 1.2';
  return [
    { metric: one('p50'), label: `${size}, one at a time, p50`, unit: 'ms', bare, peer: '<= 0.4' },
    { metric: one('p95'), label: `${size}, one at a time, p95`, unit: 'ms', bare: null, peer: null },
    { metric: one('p99'), label: `${size}, one at a time, p99`, unit: 'ms', bare: null, peer: null },
    { metric: one('rate'), label: `${size}, 64 in flight`, unit: '/s', bare: '>= 0.7', peer: '>= 6' },
  ];
}

/**
 * The aims of the project, line by line.
 * @param {readonly number[]} payloads
 * @returns {readonly Measure[]}
 */
export function measures(payloads) {
  return [
    { metric: 'start', label: 'start to first reply', unit: 'ms', bare: '<= 1.5', peer: '<= 0.4' },
    { metric: 'start-alone', label: 'start to first reply, without npx', unit: 'ms', bare: null, peer: null },
    ...payloads.flatMap(measuresFor),
    { metric: 'memory', label: 'peak memory up to 4 KiB', unit: 'MiB', bare: '<= 1.5', peer: '<= 0.35' },
    { metric: 'memory-alone', label: 'the same, without npx', unit: 'MiB', bare: null, peer: null },
    {
      metric: 'memory-large',
      label: 'peak memory with 768 KiB',
      unit: 'MiB',
      bare: '<= 1.5',
      peer: '<= 0.35',
    },
    { metric: 'memory-large-alone', label: 'the same, without npx', unit: 'MiB', bare: null, peer: null },
  ];
}

/**
 * @param {readonly Sample[]} samples of one wire and contender
 * @param {string} metric
 * @returns {ReadonlyMap<number, number>} the median of each round
 */
function byRound(samples, metric) {
  /** @type {Map<number, number[]>} */
  const values = new Map();
  for (const sample of samples) {
    if (sample.metric === metric)
      values.set(sample.round, [...(values.get(sample.round) ?? []), sample.value]);
  }
  return new Map([...values].map(([round, all]) => [round, quantile(all, 0.5)]));
}

/**
 * @param {string} aim such as `<= 1.2`
 * @param {number} ratio
 * @returns {boolean}
 */
export function isMet(aim, ratio) {
  const limit = Number(aim.slice(3));
  return aim.startsWith('<=') ? ratio <= limit : ratio >= limit;
}

/**
 * Compares the router with the others, round by round.
 * @param {readonly Sample[]} samples
 * @param {readonly number[]} payloads
 * @returns {readonly Comparison[]}
 */
export function compare(samples, payloads) {
  const fields = [...new Set(samples.map(({ wire, contender }) => `${wire} ${contender}`))];
  const samplesOf = (/** @type {Wire} */ wire, /** @type {string} */ name) =>
    samples.filter((sample) => sample.wire === wire && sample.contender === name);
  return fields.flatMap((field) => {
    /** @type {Wire} */
    const wire = field.startsWith('http ') ? 'http' : 'websocket';
    const other = field.slice(wire.length + 1);
    if (other === 'mcp-router') return [];
    const ours = samplesOf(wire, 'mcp-router');
    const theirs = samplesOf(wire, other);
    const isBare = other.startsWith('bare');
    return measures(payloads).flatMap(({ metric, label, unit, bare, peer }) => {
      const oursByRound = byRound(ours, metric.replace(/-alone$/, ''));
      const rounds = [...byRound(theirs, metric)].flatMap(([round, their]) => {
        const our = oursByRound.get(round);
        return our === undefined ? [] : [{ our, their }];
      });
      if (rounds.length === 0) return [];
      const ratio = quantile(
        rounds.map(({ our, their }) => our / their),
        0.5,
      );
      const aim = isBare ? bare : peer;
      return [
        {
          ...{ wire, other, metric, label, unit, ratio, aim },
          ours: quantile(
            rounds.map(({ our }) => our),
            0.5,
          ),
          theirs: quantile(
            rounds.map(({ their }) => their),
            0.5,
          ),
          isMet: aim === null ? null : isMet(aim, ratio),
        },
      ];
    });
  });
}
