-- Who there is in a region's database, and what they may. Run once by its owner; running it again changes nothing.
-- For Aurora and for plain PostgreSQL 16 or later.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_publisher') THEN
        CREATE ROLE watershed_publisher LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_readers') THEN
        CREATE ROLE watershed_readers NOLOGIN;
    END IF;
    -- On Aurora, members sign in with IAM and have no password.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO watershed_publisher;
    END IF;
END
$$;

-- Who is no superuser must be a member to give a schema away.
GRANT watershed_publisher TO CURRENT_USER;
CREATE SCHEMA IF NOT EXISTS gold AUTHORIZATION watershed_publisher;
GRANT USAGE ON SCHEMA gold TO watershed_readers;
ALTER DEFAULT PRIVILEGES FOR ROLE watershed_publisher IN SCHEMA gold GRANT SELECT ON TABLES TO watershed_readers;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE watershed FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE watershed TO watershed_publisher;
GRANT CONNECT ON DATABASE watershed TO watershed_readers;
