/** The demo project's `onecopy.yaml`. One tag is said, since only a person can know it. */
export const PROJECT_FILE = `# Five source systems of one retailer, and what is to become of them.
name: retail-demo
lake: ./lake

sources:
  web_shop:
    files: drops/web_shop/*.csv
  loyalty:
    delta: pos/loyalty_members
  email_tool:
    files: drops/email_tool/*.jsonl
  support_desk:
    files: drops/support_desk/*.csv
  orders:
    files: drops/orders/*.parquet
    tags:
      # The parcel's recipient need not be the buyer.
      shipping_name: none

profile: {}

segments:
  big_spenders:
    description: Bought for 500 or more in all, and something in the last year
    rule:
      all:
        - { attribute: revenue_lifetime, op: ">=", value: 500 }
        - { attribute: last_order_time, op: within_days, value: 365 }
  lapsed_customers:
    description: Bought at least twice, but not for a year
    rule:
      all:
        - { attribute: orders_lifetime, op: ">=", value: 2 }
        - { attribute: last_order_time, op: before_days, value: 365 }

syncs:
  big_spenders_to_crm:
    segment: big_spenders
    destination: { folder: out/crm, format: csv }
    columns: [given_name, surname, email]

shares:
  analytics:
    tables: [unified.customer_360]
    recipients: [bi_team]
`;
