import type { ReactElement } from 'react';
import type { Notice } from '../notices';
import { NoticeCard } from './notice-card';

/** What stands in the way of something that a person has just asked for, told at once. */
export function Refusal({ notice }: { readonly notice: Notice }): ReactElement {
  return (
    <div role="alert">
      <NoticeCard notice={notice} />
    </div>
  );
}
