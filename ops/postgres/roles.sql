-- The shop's three roles, without passwords; docs/rights.md tells who is who.
--
--   psql "$ADMIN_URL" --file ops/postgres/roles.sql      in the shop's own database
--   \password ora_owner        (and ora_app, ora_read: psql hashes before it sends)
--
-- Whoever runs it may make roles. Doing it again changes nothing. Which tables each may read and
-- write is said after each migration by `flask grant-rights`.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['ora_owner', 'ora_app', 'ora_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
    END LOOP;
    -- Else who is no superuser could not hand tables over below.
    EXECUTE format('GRANT ora_owner TO %I', current_user);
END $$;

-- A bound on every wait, also of what does not set its own. The app's sessions ask for the same
-- (app/core/db.py); behind a pooler, whose sessions are its own, these are all there is.
ALTER ROLE ora_app SET lock_timeout = '3s';
ALTER ROLE ora_app SET statement_timeout = '10s';
ALTER ROLE ora_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE ora_app SET jit = off;
ALTER ROLE ora_app SET timezone = 'UTC';
ALTER ROLE ora_read SET lock_timeout = '3s';
ALTER ROLE ora_read SET statement_timeout = '1h';
ALTER ROLE ora_read SET idle_in_transaction_session_timeout = '1h';
ALTER ROLE ora_read SET default_transaction_read_only = on;

-- The owner makes what migrations make; nobody else makes anything, temporary tables included.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO ora_owner, ora_app, ora_read', current_database()
    );
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ora_owner', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO ora_owner;
GRANT USAGE ON SCHEMA public TO ora_app, ora_read;

-- What another role made before there was an owner becomes the owner's.
DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT CASE WHEN relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, relname AS name
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
            AND relowner <> 'ora_owner'::regrole
            -- A sequence that belongs to a column goes with its table.
            AND NOT EXISTS (
                SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
                    AND deptype IN ('a', 'i', 'e')
            )
        ORDER BY relkind DESC
    LOOP
        EXECUTE format('ALTER %s public.%I OWNER TO ora_owner', made.kind, made.name);
    END LOOP;
    FOR made IN
        SELECT oid::regprocedure::text AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner <> 'ora_owner'::regrole
            AND NOT EXISTS (
                SELECT FROM pg_depend
                WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
            )
    LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO ora_owner', made.name);
    END LOOP;
END $$;
