import { PasswordInput } from '@mantine/core';
import type { ReactElement, Ref } from 'react';
import { useState } from 'react';
import { credentialsTexts as words } from '../texts/credentials';

/** Asks for a value that is never shown again. It stands in the field alone, never in the state of the page. */
export function SecretField({
  ref,
  label,
  hint,
  error,
  maxLength,
}: {
  readonly ref: Ref<HTMLInputElement>;
  readonly label: string;
  readonly hint: string;
  readonly error: string | null;
  readonly maxLength: number;
}): ReactElement {
  const [isShown, setIsShown] = useState(false);
  return (
    <PasswordInput
      ref={ref}
      label={label}
      description={hint}
      error={error}
      aria-invalid={error !== null}
      maxLength={maxLength}
      autoComplete="new-password"
      spellCheck={false}
      visible={isShown}
      onVisibilityChange={setIsShown}
      visibilityToggleButtonProps={{
        'aria-label': isShown ? words.field.hide : words.field.show,
        tabIndex: 0,
      }}
    />
  );
}
