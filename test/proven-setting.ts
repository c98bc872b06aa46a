/** The test that proves that a key of the configuration is heeded: it fails when the key is ignored. */
export interface ProvenSetting {
  readonly file: string;
  /** As it stands in the source of the test. */
  readonly title: string;
}

export const integration = (name: string, title: string): ProvenSetting => ({
  file: `test/integration/${name}.test.ts`,
  title,
});
export const unit = (name: string, title: string): ProvenSetting => ({
  file: `test/unit/${name}.test.ts`,
  title,
});
