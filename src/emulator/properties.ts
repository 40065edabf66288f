// Which properties each object type has, of which kind, and what HubSpot refuses to write into them (DATA.md 1.2, 2.2, 4).
import type { PropertyProblem } from './answers.ts';
import { isMailAddress } from './messages.ts';
import { findObjectType } from './object-types.ts';
import type { ObjectType, PortalState } from './state.ts';

type Kind = 'string' | 'number' | 'datetime' | 'bool' | 'enumeration';
export type Property = { name: string; label: string; kind: Kind; readOnly: boolean; options: string[] };

// `name`, or `name:kind`, or `name=OPTION|OPTION`; a leading `!` marks what only HubSpot writes.
const everywhere =
  '!hs_object_id:number !hs_createdate:datetime !hs_lastmodifieddate:datetime !hs_object_source !hs_object_source_id !hs_object_source_label !hs_object_source_user_id !hs_object_source_detail_1 !hs_object_source_detail_2 !hs_object_source_detail_3 !hs_created_by_user_id:number !hs_updated_by_user_id:number !hs_merged_object_ids hubspot_owner_id:number !hubspot_owner_assigneddate:datetime hubspot_team_id !hs_all_owner_ids !hs_user_ids_of_all_owners hs_unique_creation_key !hs_was_imported:bool';
const engagement =
  'hs_timestamp:datetime hs_attachment_ids !hs_body_preview !hs_body_preview_html !hs_body_preview_is_truncated:bool !hs_created_by:number !hs_modified_by:number !hs_engagement_source !hs_engagement_source_id';

const catalog: Record<ObjectType, string> = {
  tickets:
    'subject content hs_pipeline=@pipelines hs_pipeline_stage=@stages hs_ticket_priority=LOW|MEDIUM|HIGH|URGENT hs_ticket_category=PRODUCT_ISSUE|BILLING_ISSUE|FEATURE_REQUEST|GENERAL_INQUIRY source_type=CHAT|EMAIL|FORM|PHONE hs_resolution=ISSUE_FIXED|FEATURE_REQUEST_TRACKED|REFUND_APPLIED|SENT_KNOWLEDGE_DOCUMENT_LINK !createdate:datetime closed_date:datetime !hs_ticket_id:number !hs_conversations_originating_thread_id:number !hs_conversations_originating_message_id !hs_originating_email_engagement_id:number !hs_originating_channel_instance_id:number !hs_originating_generic_channel_id:number !hs_current_generic_channel_id:number !hs_auto_generated_from_thread_id:number source_thread_id source_ref !hs_thread_ids_to_restore !hs_num_associated_conversations:number !hs_inbox_id:number hs_custom_inbox:number !hs_in_helpdesk:bool !hs_is_visible_in_help_desk:bool !hs_last_message_received_at:datetime !hs_last_message_sent_at:datetime !hs_last_message_from_visitor:bool !hs_last_email_activity=ORIGINAL_FROM_CONTACT|SENT_TO_CONTACT|REPLY_FROM_CONTACT !hs_last_email_date:datetime !hs_last_email_type !hs_last_email_details !last_reply_date:datetime !first_agent_reply_date:datetime !hs_first_agent_message_sent_at:datetime !hs_lastcontacted:datetime !notes_last_contacted:datetime !hs_num_times_contacted:number !hs_sales_email_last_replied:datetime !hs_is_closed:bool !hs_last_closed_date:datetime !hs_ticket_reopened_at:datetime !hs_helpdesk_sort_timestamp:datetime !hs_outbound_ticket:bool !hs_pinned_engagement_id:number !hs_nextactivitydate:datetime hs_tag_ids',
  emails: `${engagement} hs_email_direction=EMAIL|INCOMING_EMAIL|FORWARDED_EMAIL hs_email_status=BOUNCED|FAILED|SCHEDULED|SENDING|SENT hs_email_subject hs_email_text hs_email_html hs_email_headers !hs_email_from_email !hs_email_from_firstname !hs_email_from_lastname !hs_email_from_raw !hs_email_sender_email !hs_email_sender_firstname !hs_email_sender_lastname !hs_email_to_email !hs_email_to_firstname !hs_email_to_lastname !hs_email_to_raw !hs_email_cc_email !hs_email_cc_raw !hs_email_bcc_email !hs_email_thread_id !hs_email_message_id !hs_email_logged_from !hs_email_sent_via !hs_email_tracker_key !hs_email_associated_contact_id:number !hs_email_post_send_status !hs_email_error_message !hs_email_encoded_email_associations_request !hs_incoming_email_is_out_of_office:bool !hs_owner_ids_from !hs_owner_ids_to !hs_email_open_count:number !hs_email_click_count:number !hs_email_reply_count:number !hs_ticket_create_date:datetime !hs_unique_id !hs_direction_and_unique_id`,
  contacts:
    'email firstname lastname phone company lifecyclestage hs_additional_emails hs_language !createdate:datetime !lastmodifieddate:datetime !hs_full_name_or_email',
  notes: `${engagement} hs_note_body`,
  tasks: `${engagement} hs_task_subject hs_task_body hs_task_status=NOT_STARTED|IN_PROGRESS|WAITING|DEFERRED|COMPLETED hs_task_priority=NONE|LOW|MEDIUM|HIGH hs_task_type=EMAIL|CALL|TODO hs_task_reminders !hs_task_is_completed:number`,
};

function readProperty(text: string): Property {
  const readOnly = text.startsWith('!');
  const [head = '', list] = text.slice(readOnly ? 1 : 0).split('=');
  const [name = '', kind] = head.split(':');
  const words = name.replace(/^hs_/, '').replaceAll('_', ' ');
  return {
    name,
    label: words.charAt(0).toUpperCase() + words.slice(1),
    kind: list ? 'enumeration' : ((kind as Kind | undefined) ?? 'string'),
    readOnly,
    options: list ? list.split('|') : [],
  };
}

const properties = Object.fromEntries(
  Object.entries(catalog).map(([type, text]) => [
    type,
    new Map(`${text} ${everywhere}`.split(' ').map((word) => [readProperty(word).name, readProperty(word)])),
  ]),
) as Record<ObjectType, Map<string, Property>>;

const stageTimes = /^hs_(v2_)?(date_entered|date_exited|time_in|latest_time_in|cumulative_time_in)_(.+)$/;

/** Undefined for a name the object type does not have. Stage times exist once per stage of the portal (DATA.md 1.2). */
export function findProperty(portal: PortalState, type: ObjectType, name: string): Property | undefined {
  const known = properties[type].get(name);
  if (known?.options[0] === '@pipelines') return { ...known, options: portal.pipelines.map((pipeline) => pipeline.id) };
  if (known?.options[0] === '@stages')
    return { ...known, options: portal.pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => stage.id)) };
  if (known || type !== 'tickets') return known;
  const stageId = stageTimes.exec(name)?.[3];
  if (!stageId || !portal.pipelines.some((pipeline) => pipeline.stages.some((stage) => stage.id === stageId)))
    return undefined;
  return { name, label: name, kind: name.includes('time_in') ? 'number' : 'datetime', readOnly: true, options: [] };
}

export function listProperties(portal: PortalState, type: ObjectType): Property[] {
  return [...properties[type].keys()].map((name) => findProperty(portal, type, name) as Property);
}

function isDateTime(value: string): boolean {
  return /^-?\d+$/.test(value) || !Number.isNaN(Date.parse(value));
}

function findValueProblem(property: Property, value: string): PropertyProblem | undefined {
  const { name, kind, options } = property;
  if (value === '') return undefined;
  if (kind === 'enumeration' && !options.includes(value))
    return {
      name,
      code: 'INVALID_OPTION',
      message: `${value} was not one of the allowed options: [${options.join(', ')}]`,
    };
  if (kind === 'number' && !/^-?\d+(\.\d+)?$/.test(value))
    return { name, code: 'INVALID_LONG', message: `${value} was not a valid long.` };
  if (kind === 'bool' && value !== 'true' && value !== 'false')
    return { name, code: 'INVALID_OPTION', message: `${value} was not one of the allowed options: [true, false]` };
  if (kind === 'datetime' && !isDateTime(value))
    return { name, code: 'INVALID_DATE', message: `${value} was not a valid date.` };
  return undefined;
}

/** "up to 65,536 characters" (notes guide, DATA.md 6). */
const maxTextLength = 65_536;

function findTextProblem(property: Property, value: string): PropertyProblem | undefined {
  if (property.kind !== 'string' || value.length <= maxTextLength) return undefined;
  const message = `The value has ${value.length} characters; at most ${maxTextLength} are allowed.`;
  return { name: property.name, code: 'VALUE_TOO_LONG', message };
}

/** What is no matter of form: an address, an owner of this portal (the owner id, not the user id: DATA.md 6). */
function findMeaningProblem(
  portal: PortalState,
  type: ObjectType,
  name: string,
  value: string,
): PropertyProblem | undefined {
  if (value === '') return undefined;
  if (type === 'contacts' && name === 'email' && !isMailAddress(value))
    return { name, code: 'INVALID_EMAIL', message: `Email address ${value} is invalid` };
  if (name === 'hubspot_owner_id' && !portal.users.some((user) => user.ownerId === value))
    return { name, code: 'INVALID_OWNER_ID', message: `Owner ${value} does not exist` };
  return undefined;
}

function findStageProblem(portal: PortalState, after: Record<string, string>): PropertyProblem | undefined {
  const { hs_pipeline: pipelineId, hs_pipeline_stage: stageId } = after;
  const pipeline = portal.pipelines.find((candidate) => candidate.id === pipelineId);
  if (!pipeline || !stageId || pipeline.stages.some((stage) => stage.id === stageId)) return undefined;
  // A stage of another pipeline fails unless the pipeline is written along with it (DATA.md 4).
  const options = pipeline.stages.map((stage) => stage.id).join(', ');
  const message = `${stageId} was not one of the allowed options: [${options}]`;
  return { name: 'hs_pipeline_stage', code: 'INVALID_OPTION', message };
}

/** Writes the pipeline of a stage along with it, where nothing is said of the pipeline: quirk `otherPipelineStage`. */
export function followStage(portal: PortalState, written: Record<string, string>): void {
  const stageId = written.hs_pipeline_stage;
  const pipeline = portal.pipelines.find(({ stages }) => stages.some((stage) => stage.id === stageId));
  if (pipeline && written.hs_pipeline === undefined) written.hs_pipeline = pipeline.id;
}

/**
 * Everything HubSpot would refuse about writing `written` to a record that has `before`. `enforcesRules`: since 2026-09
 * the portal's required properties count for the API too (PLATFORM.md 1).
 */
export function findProblems(
  portal: PortalState,
  type: ObjectType,
  written: Record<string, string>,
  before: Record<string, string>,
  enforcesRules: boolean,
): PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  for (const [name, value] of Object.entries(written)) {
    const property = findProperty(portal, type, name);
    if (!property) problems.push({ name, code: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` });
    else if (property.readOnly)
      problems.push({
        name,
        code: 'READ_ONLY_VALUE',
        message: `"${name}" is a read only property; its value cannot be set.`,
      });
    else {
      const problem =
        findValueProblem(property, value) ??
        findTextProblem(property, value) ??
        findMeaningProblem(portal, type, name, value);
      if (problem) problems.push(problem);
    }
  }
  if (type !== 'tickets' || problems.length > 0) return problems;
  const after = { ...before, ...written };
  const stageProblem = findStageProblem(portal, after);
  if (stageProblem) problems.push(stageProblem);
  const entersStage = written.hs_pipeline_stage !== undefined && written.hs_pipeline_stage !== before.hs_pipeline_stage;
  if (!enforcesRules || !entersStage) return problems;
  for (const name of portal.requiredForStage[written.hs_pipeline_stage ?? ''] ?? []) {
    if (after[name]) continue;
    problems.push({
      name,
      code: 'MISSING_REQUIRED_PROPERTY',
      message: `Property "${name}" is required in this stage.`,
    });
  }
  return problems;
}

/** Reads the `properties` of a write: every value a string, null or something printable as one. Undefined when it is no object. */
export function readWrittenProperties(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const result: Record<string, string> = {};
  for (const [name, entry] of Object.entries(value)) result[name] = entry === null ? '' : String(entry);
  return result;
}

export function listTypeProperties(portal: PortalState, name: string): Property[] | undefined {
  const type = findObjectType(name);
  return type && listProperties(portal, type);
}
