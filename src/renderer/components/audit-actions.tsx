import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import type { AuditFormat } from '../../shared/ipc/audit-calls';
import { IconChevronDown, IconFileExport, IconShieldCheck } from '../icons';
import { auditTexts as words } from '../texts/audit';
import classes from './audit-actions.module.css';

const formats: readonly AuditFormat[] = ['csv', 'jsonl'];

/** What can be done with the log as a whole. */
export function AuditActions({
  isBusy,
  onCheck,
  onExport,
}: {
  readonly isBusy: boolean;
  readonly onCheck: () => void;
  readonly onExport: (format: AuditFormat) => void;
}): ReactElement {
  return (
    <div className={classes['actions']}>
      <Button
        size="sm"
        variant="default"
        disabled={isBusy}
        leftSection={<IconShieldCheck size={16} stroke={1.8} aria-hidden />}
        onClick={onCheck}
      >
        {words.check}
      </Button>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button
            size="sm"
            variant="default"
            disabled={isBusy}
            leftSection={<IconFileExport size={16} stroke={1.8} aria-hidden />}
            rightSection={<IconChevronDown size={14} stroke={2} aria-hidden />}
          >
            {words.export}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item key={format} onClick={() => onExport(format)}>
              {words.exportAs[format]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
