// @ts-check
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { IN_FLIGHT } from './plan.mjs';
import { raisedLimits } from './contenders.mjs';

/** @typedef {import('./aims.mjs').Comparison} Comparison */
/** @typedef {import('./plan.mjs').Plan} Plan */

const GIB = 1024 ** 3;
const wireWords = { websocket: 'WebSocket (gateway envelope)', http: 'Streamable HTTP' };

/**
 * What was measured on. The load is that of the minutes before the end, the bench itself included.
 * @returns {string}
 */
export function machineLine() {
  const [first] = cpus();
  const memory = (totalmem() / GIB).toFixed(0);
  const model = first?.model.trim() ?? 'unknown processor';
  const load = (loadavg()[1] ?? 0).toFixed(1);
  return `${String(cpus().length)} x ${model}, ${memory} GiB, ${type()} ${release()}, Node ${process.version}, load average ${load}`;
}

/** @returns {string} the limits of the run, as keys of the configuration */
export function limitsLine() {
  const { rate_limit: rate, ...others } = raisedLimits;
  const own = Object.entries(others).map(([key, value]) => `local.${key}: ${String(value)}`);
  const ofRate = Object.entries(rate).map(([key, value]) => `local.rate_limit.${key}: ${String(value)}`);
  return [...own, ...ofRate].join(', ');
}

/**
 * @param {number} value
 * @returns {string} three digits that matter
 */
const figure = (value) => {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/**
 * @param {Comparison} comparison
 * @returns {readonly string[]}
 */
function cells({ label, ours, theirs, unit, ratio, aim, isMet }) {
  const judgement = isMet === null ? '' : isMet ? 'yes' : 'no';
  return [
    label,
    `${figure(ours)} ${unit}`,
    `${figure(theirs)} ${unit}`,
    `${figure(ratio)}x`,
    aim ?? '',
    judgement,
  ];
}

/**
 * @param {readonly (readonly string[])[]} rows the first one is the heading
 * @returns {string} a table of Markdown that is readable as it is
 */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0), 3),
  );
  const lines = rows.map(
    (row) => `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, column) => (isFigure(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

const isFigure = (/** @type {number} */ column) => column >= 1 && column <= 3;
const pad = (/** @type {string} */ text, /** @type {number} */ width, /** @type {number} */ column) =>
  isFigure(column) ? text.padStart(width) : text.padEnd(width);

/**
 * @param {readonly Comparison[]} comparisons
 * @returns {string} one table for each wire and each other program
 */
export function tables(comparisons) {
  const fields = [...new Set(comparisons.map(({ wire, other }) => `${wireWords[wire]}: beside ${other}`))];
  return fields
    .map((title) => {
      const own = comparisons.filter(({ wire, other }) => `${wireWords[wire]}: beside ${other}` === title);
      const heading = ['measured', 'mcp-router', own[0]?.other ?? '', 'ratio', 'aim', 'met'];
      return `### ${title}\n\n${table([heading, ...own.map(cells)])}`;
    })
    .join('\n\n');
}

/**
 * @param {readonly Comparison[]} comparisons
 * @returns {string} such as "30 of 34 aims are met"
 */
export function verdict(comparisons) {
  const judged = comparisons.filter(({ isMet }) => isMet !== null);
  return `${String(judged.filter(({ isMet }) => isMet).length)} of ${String(judged.length)} aims are met`;
}

/**
 * @param {Plan} plan
 * @returns {readonly string[]} how it was measured
 */
export function methodLines(plan) {
  const { rounds, sequentialMs, throughputMs, extraStarts } = plan;
  return [
    `${String(rounds)} rounds. Each round starts every program anew and measures them in turn, in alternating order; a ratio is the median of the ratios of the rounds, a figure the median of the rounds.`,
    `Client, echo and program run on this machine, on loopback without TLS. The echo is one process and answers a call with its own text. Every reply is checked for its id, its length and that it comes once.`,
    `One at a time: ${String(sequentialMs)} ms for each payload after a warm-up. In flight: ${String(IN_FLIGHT)} requests all the time, ${String(throughputMs)} ms. The payload is the text in the call; it comes back in the reply.`,
    `Start: from starting the process to the reply to \`initialize\`, ${String(extraStarts)} times a round. Memory: the peak resident memory of the process and all it started (VmHWM), summed.`,
    `The bare pass-throughs are \`test/bench/bare-websocket.mjs\` and \`test/bench/bare-http.mjs\`: some 20 lines each, without limits or checks. The peers are started with npx from a local installation, as their manuals say; lines "without npx" start their file directly.`,
    `All guards of the router are on, with these limits: ${limitsLine()}.`,
  ];
}

export const keptHeading = '## What the profile showed';
const emptyKept = `${keptHeading}\n\nNothing was written down yet.\n`;

export const desktopHeading = '## The desktop app';

/**
 * @param {string} document
 * @param {string} heading
 * @returns {string} the section up to the next one; empty when there is none
 */
function sectionOf(document, heading) {
  const start = document.indexOf(`${heading}\n`);
  if (start === -1) return '';
  const next = document.indexOf('\n## ', start + heading.length);
  return document.slice(start, next === -1 ? undefined : next + 1).trimEnd();
}

/**
 * Puts the section about the desktop app, which is measured alone, into docs/performance.md.
 * @param {string} document
 * @param {string} section
 * @returns {string} all else as it was
 */
export function withDesktopSection(document, section) {
  const before = sectionOf(document, desktopHeading);
  // In functions, because `$` has a meaning in a replacement.
  if (before !== '') return document.replace(before, () => section.trimEnd());
  return document.includes(keptHeading)
    ? document.replace(keptHeading, () => `${section.trimEnd()}\n\n${keptHeading}`)
    : `${document.trimEnd()}\n\n${section.trimEnd()}\n`;
}

/**
 * The text of docs/performance.md.
 * @param {readonly Comparison[]} comparisons
 * @param {{ plan: Plan, remarks: readonly string[], before: string | undefined, date: string }} facts `before`: the file as it is
 * @returns {string} made anew, but for what people write and what `--desktop` measures
 */
export function performanceDocument(comparisons, { plan, remarks, before, date }) {
  const kept = before?.slice(before.indexOf(keptHeading)) ?? '';
  const desktop = sectionOf(before ?? '', desktopHeading);
  const parts = [
    '# Performance',
    `Written by \`npm run bench -- --write\` on ${date}, all but the last two sections. Figures of another machine differ; ratios are what counts.`,
    `${verdict(comparisons)}.`,
    '## Machine',
    machineLine(),
    '## Method',
    methodLines(plan)
      .map((line) => `- ${line}`)
      .join('\n'),
    '## Result',
    ...remarks,
    tables(comparisons),
    ...(desktop === '' ? [] : [desktop]),
    kept.startsWith(keptHeading) ? kept : emptyKept,
  ];
  return parts.join('\n\n');
}

/**
 * What is printed at the end.
 * @param {readonly Comparison[]} comparisons
 * @param {readonly string[]} remarks
 * @returns {string}
 */
export function printedReport(comparisons, remarks) {
  return [
    machineLine(),
    `limits: ${limitsLine()}`,
    tables(comparisons),
    ...remarks,
    verdict(comparisons),
  ].join('\n\n');
}
