import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { AuditController } from './api/audit.controller.ts';
import { AuditTrailController } from './api/audit-trail.controller.ts';
import { BodiesController } from './api/bodies.controller.ts';
import { CalendarLinksController } from './api/calendar-links.controller.ts';
import { CsvAnswers } from './api/csv-answers.ts';
import { DeadlinesController } from './api/deadlines.controller.ts';
import { EventFeeds } from './api/event-feeds.ts';
import { EventsController } from './api/events.controller.ts';
import { ExportController } from './api/export.controller.ts';
import { ImportsController } from './api/imports.controller.ts';
import { InboxController } from './api/inbox.controller.ts';
import { MeController } from './api/me.controller.ts';
import { OpenAnswers, OpenPacks } from './api/open-answers.ts';
import { OperationsController } from './api/operations.controller.ts';
import { PackController } from './api/pack.controller.ts';
import { PeopleController } from './api/people.controller.ts';
import { RecordsController } from './api/records.controller.ts';
import { RecordListController, RegisterController } from './api/register.controller.ts';
import { StatechartController } from './api/statechart.controller.ts';
import { StatisticsController } from './api/statistics.controller.ts';
import { WebhooksController } from './api/webhooks.controller.ts';
import { PARTS } from './parts.ts';
import type { Parts } from './parts.ts';
import { AuditPages } from './web/audit/audit.controller.tsx';
import { LogPage } from './web/audit/log.controller.tsx';
import { PackPages } from './web/audit/packs.controller.tsx';
import { AuditTrailPages } from './web/audit/audit-trail.controller.tsx';
import { HistoryPage } from './web/history/history.controller.tsx';
import { RecordDownloads } from './web/record/record-downloads.controller.ts';
import { RecordPage } from './web/record/record.controller.tsx';
import { CommandForms } from './web/commands/commands.controller.tsx';
import { ImportPage } from './web/import/import.controller.tsx';
import { IssuePage } from './web/issue/issue.controller.tsx';
import { VerifiersPages } from './web/audit/verifiers.controller.tsx';
import { AboutPages } from './web/about/about.controller.tsx';
import { AccountPages } from './web/account/account.controller.tsx';
import { CalendarPages } from './web/deadlines/calendar.controller.tsx';
import { DeadlinesPages } from './web/deadlines/deadlines.controller.tsx';
import { RegisterPages } from './web/register/register.controller.tsx';
import { StatisticsPages } from './web/statistics/statistics.controller.tsx';
import { OperationsPages } from './web/operations/operations.controller.tsx';
import { InboxPages } from './web/inbox/inbox.controller.tsx';
import { WebhookPages } from './web/operations/webhooks.controller.tsx';
import { OfferedNames } from './web/names/names.controller.ts';
import { UnsubscribePage } from './web/inbox/unsubscribe.controller.tsx';
import { WorkPage } from './web/work/work.controller.tsx';
import { SignInController } from './web/sign-in/sign-in.controller.tsx';

@Module({})
export class ServerModule {
  static of(parts: Parts, moreControllers: readonly Type[]): DynamicModule {
    return {
      module: ServerModule,
      controllers: [
        RecordListController,
        RegisterController,
        RecordsController,
        StatechartController,
        StatisticsController,
        ExportController,
        PackController,
        DeadlinesController,
        CalendarLinksController,
        PeopleController,
        BodiesController,
        WebhooksController,
        MeController,
        InboxController,
        EventsController,
        AuditTrailController,
        OperationsController,
        AuditController,
        SignInController,
        WorkPage,
        InboxPages,
        OfferedNames,
        UnsubscribePage,
        RecordPage,
        RecordDownloads,
        HistoryPage,
        CommandForms,
        IssuePage,
        RegisterPages,
        AccountPages,
        AboutPages,
        DeadlinesPages,
        CalendarPages,
        StatisticsPages,
        OperationsPages,
        WebhookPages,
        AuditPages,
        VerifiersPages,
        AuditTrailPages,
        LogPage,
        PackPages,
        ...(HAS_REGISTER ? [ImportsController, ImportPage] : []),
        ...moreControllers,
      ],
      providers: [{ provide: PARTS, useValue: parts }, EventFeeds, OpenAnswers, OpenPacks, CsvAnswers],
    };
  }
}
