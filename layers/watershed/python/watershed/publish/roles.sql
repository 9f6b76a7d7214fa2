-- Who may do what in the database `watershed`: run once, as the database's owner, and as often as you like.
-- watershed_publisher writes gold's tables and is the function's; watershed_readers is for people and reporting tools:
--     CREATE ROLE powerbi LOGIN PASSWORD '…' IN ROLE watershed_readers;
-- It is one statement, because RDS's Data API takes one at a time: all of it holds, or nothing.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_readers') THEN
        CREATE ROLE watershed_readers NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_publisher') THEN
        CREATE ROLE watershed_publisher LOGIN;
    END IF;
    -- On RDS the function proves who it is by its AWS role, and has no password. The owner is not made a member of the
    -- publisher, not even to give it a schema: RDS asks members of such roles for a token, and refuses their passwords.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO watershed_publisher;
    END IF;

    CREATE SCHEMA IF NOT EXISTS gold;
    CREATE SCHEMA IF NOT EXISTS watershed;

    REVOKE ALL ON DATABASE watershed FROM PUBLIC;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE watershed TO watershed_publisher;
    GRANT CONNECT ON DATABASE watershed TO watershed_readers;
    GRANT USAGE, CREATE ON SCHEMA gold, watershed TO watershed_publisher;
    GRANT USAGE ON SCHEMA gold, watershed TO watershed_readers;
END
$$;
