/** The box that a chart is drawn in; it is stretched to the width of its place. */
export const CHART_WIDTH = 300;
export const CHART_HEIGHT = 44;

const round = (value: number): string => String(Math.round(value * 10) / 10);
const height = (value: number, highest: number): number =>
  highest <= 0 ? CHART_HEIGHT : CHART_HEIGHT - (value / highest) * (CHART_HEIGHT - 2);

/** The path of a filled outline of steps from the ground up, oldest on the left. */
export function stepsPath(values: readonly number[], highest: number): string {
  const width = CHART_WIDTH / Math.max(1, values.length);
  const steps = values.map(
    (value, index) => `V${round(height(value, highest))}H${round((index + 1) * width)}`,
  );
  return `M0 ${CHART_HEIGHT}${steps.join('')}V${CHART_HEIGHT}Z`;
}

/** The path of a line through the values that are there; a gap is a gap, and a value alone is a dot. */
export function linePath(values: readonly (number | null)[], highest: number): string {
  const width = CHART_WIDTH / Math.max(1, values.length);
  let isOn = false;
  const parts = values.map((value, index) => {
    if (value === null) {
      isOn = false;
      return '';
    }
    const point = `${round((index + 0.5) * width)} ${round(height(value, highest))}`;
    const part = isOn ? `L${point}` : `M${point}h0`;
    isOn = true;
    return part;
  });
  return parts.join('');
}
