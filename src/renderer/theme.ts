import { createTheme } from '@mantine/core';
import type { MantineColorsTuple } from '@mantine/core';

const indigo: MantineColorsTuple = [
  '#eef1ff',
  '#dbe1ff',
  '#b6c3ff',
  '#93a5fb',
  '#7489f4',
  '#5a72ec',
  '#4059d6',
  '#364bb8',
  '#2c3e99',
  '#22307a',
];

const slate: MantineColorsTuple = [
  '#eceef2',
  '#b9c0cc',
  '#a0a8b7',
  '#6b7382',
  '#3a404c',
  '#2b2f38',
  '#1c1f26',
  '#14161b',
  '#0f1115',
  '#0b0c0f',
];

const fonts =
  "system-ui, -apple-system, 'Segoe UI', Roboto, Cantarell, Ubuntu, 'Noto Sans', 'Helvetica Neue', sans-serif";

/** Mantine's part of the look; colours of our own are in theme.css. */
export const theme = createTheme({
  colors: { indigo, dark: slate },
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: 'md',
  fontFamily: fonts,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace",
  headings: { fontFamily: fonts, fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
});
