/*
description: Conversations by day and type, with what was hidden, removed, liked or left a phone number.
grain: one row per UTC day and conversation type
keys: [activity_day, conversation_type]
owner: support
exportable: true
columns:
  activity_day: {type: date, description: Day the conversations began in UTC, export: dimension}
  conversation_type: {type: varchar, description: 'INBOX, COMMENT or RATING; UNKNOWN if none was given', export: dimension}
  conversations: {type: bigint, description: Conversations, format: '#,##0', unit: conversations, export: sum, backed_by: customers}
  customers: {type: bigint, description: Distinct customers, format: '#,##0', unit: customers, export: distinct, backed_by: customers}
  pages: {type: bigint, description: Distinct pages they began on, format: '#,##0', unit: pages, export: distinct, backed_by: customers}
  with_phone: {type: bigint, description: Conversations in which a phone number was left, format: '#,##0', unit: conversations, aggregate: sum}
  hidden: {type: bigint, description: Conversations hidden since, format: '#,##0', unit: conversations, aggregate: sum}
  removed: {type: bigint, description: Conversations removed since, format: '#,##0', unit: conversations, aggregate: sum}
  likes: {type: bigint, description: Likes received, format: '#,##0', unit: likes, export: sum, backed_by: customers}
*/
SELECT
    CAST(inserted_at AS date) AS activity_day,
    COALESCE(type, 'UNKNOWN') AS conversation_type,
    COUNT(*) AS conversations,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT page_id) AS pages,
    COUNT(CASE WHEN has_phone THEN 1 END) AS with_phone,
    COUNT(CASE WHEN is_hidden THEN 1 END) AS hidden,
    COUNT(CASE WHEN is_removed THEN 1 END) AS removed,
    COALESCE(SUM(like_count), 0) AS likes
FROM silver.conversations
GROUP BY CAST(inserted_at AS date), COALESCE(type, 'UNKNOWN')
