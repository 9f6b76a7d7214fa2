/*
description: Transactions of engaged customers, those who have at least one conversation, with their first conversation and product.
grain: one row per transaction whose customer has a conversation
keys: [fact_id]
owner: sales
exportable: false
columns:
  fact_id: {type: bigint, description: 'Identity of the row, equal to transaction_id'}
  conversation_id: {type: varchar, description: The customer's first conversation}
  transaction_id: {type: bigint, description: The transaction's number}
  product_id: {type: bigint, description: The product sold}
  customer_id: {type: bigint, description: 'The customer, a number without a name'}
  total_amount: {type: 'decimal(18,2)', description: Amount on the transaction, format: '#,##0.00', unit: currency, aggregate: sum}
  total_value: {type: 'decimal(18,2)', description: 'total_amount times price, rounded half up', format: '#,##0.00', unit: currency, aggregate: sum}
  status_value: {type: varchar, description: 'Pending, Completed or Failed'}
  created_date: {type: timestamp, description: 'When the product was created, UTC; empty if the product is unknown'}
  branch_name: {type: varchar, description: The branch that sold}
*/
WITH numbered AS (
    -- A customer with many conversations still gives one row: the earliest stands for all.
    SELECT
        customer_id,
        conversation_id,
        ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY inserted_at, conversation_id) AS nth
    FROM silver.conversations
    WHERE customer_id IS NOT NULL
)
SELECT
    sales.transaction_id AS fact_id,
    numbered.conversation_id,
    sales.transaction_id,
    sales.product_id,
    sales.customer_id,
    sales.total_amount,
    sales.total_value,
    sales.status_value,
    products.created_date,
    sales.branch_name
FROM gold.sales AS sales
INNER JOIN numbered
    ON numbered.customer_id = sales.customer_id AND numbered.nth = 1
LEFT JOIN silver.products AS products
    ON products.product_id = sales.product_id
