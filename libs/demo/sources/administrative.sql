-- The register of administrative units of the Ministry of Finance (G12): codes kept as numbers, so that their zeros are lost, dates as text, names typed by hand.
CREATE SCHEMA dvhc;

CREATE TABLE dvhc.tinh (
    ma              smallint PRIMARY KEY,                            -- 1 is province 01
    ten             text NOT NULL,
    loai            varchar(2) NOT NULL,                             -- T province, TP municipality
    tu_ngay         varchar(10),                                     -- DD/MM/YYYY
    den_ngay        varchar(10),
    ngay_du_lieu    date NOT NULL                                    -- the day that the row tells of
);

CREATE TABLE dvhc.xa (
    ma              integer PRIMARY KEY,                             -- 70 is commune 00070
    ma_tinh         smallint NOT NULL,
    ten             text NOT NULL,
    loai            char(2) NOT NULL,                                -- P, X, TT, DK
    tu_ngay         varchar(10),
    den_ngay        varchar(10),
    ngay_du_lieu    date NOT NULL,
    ghi_chu         text
);
CREATE INDEX ON dvhc.xa (ma_tinh);
