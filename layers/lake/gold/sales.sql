/*
description: Every transaction with its exact value, the one place where that value is worked out.
grain: one row per transaction
keys: [transaction_id]
owner: sales
exportable: false
columns:
  transaction_id: {type: bigint, description: The transaction's number}
  order_date: {type: timestamp, description: 'When it was ordered, UTC'}
  order_day: {type: date, description: Day of the order in UTC}
  branch_name: {type: varchar, description: 'The branch that sold, Unknown if the transaction names none'}
  customer_id: {type: bigint, description: 'The customer, a number without a name'}
  product_id: {type: bigint, description: The product sold}
  status_value: {type: varchar, description: 'Pending, Completed or Failed'}
  total_amount: {type: 'decimal(18,2)', description: Amount on the transaction, format: '#,##0.00', unit: currency, aggregate: sum}
  price: {type: 'decimal(18,2)', description: Price on the transaction, format: '#,##0.00', unit: currency, aggregate: none}
  total_value: {type: 'decimal(18,2)', description: 'total_amount times price, rounded half up', format: '#,##0.00', unit: currency, aggregate: sum}
*/
SELECT
    transaction_id,
    order_date,
    CAST(order_date AS date) AS order_day,
    COALESCE(branch_name, 'Unknown') AS branch_name,
    customer_id,
    product_id,
    status_value,
    total_amount,
    price,
    CAST(total_amount * price AS decimal(18, 2)) AS total_value
FROM silver.transactions
