-- Who there is in a region's database, and what they may. Its owner runs it once; running it again changes nothing.
-- For Aurora and for plain PostgreSQL, 16 or later. One statement, because RDS's Data API takes no more at a time:
-- all of it holds, or nothing.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_publisher') THEN
        CREATE ROLE watershed_publisher LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watershed_readers') THEN
        CREATE ROLE watershed_readers NOLOGIN;
    END IF;

    -- Who is no superuser must be a member to give a schema away. And must not stay one: Aurora asks members of a role
    -- that signs in with IAM for a token, too, and would refuse the owner's password.
    GRANT watershed_publisher TO CURRENT_USER;
    CREATE SCHEMA IF NOT EXISTS gold AUTHORIZATION watershed_publisher;
    ALTER DEFAULT PRIVILEGES FOR ROLE watershed_publisher IN SCHEMA gold GRANT SELECT ON TABLES TO watershed_readers;
    SET LOCAL ROLE watershed_publisher;
    GRANT USAGE ON SCHEMA gold TO watershed_readers;
    RESET ROLE;
    REVOKE watershed_publisher FROM CURRENT_USER;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO watershed_publisher;
    END IF;

    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    REVOKE ALL ON DATABASE watershed FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE watershed TO watershed_publisher;
    GRANT CONNECT ON DATABASE watershed TO watershed_readers;
END
$$;
