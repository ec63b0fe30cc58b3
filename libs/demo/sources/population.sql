-- The population database of the Ministry of Public Security (G01), as an agency really keeps it: grown over years, several naming habits, types chosen by
-- different contractors. PostgreSQL 15 or later.
CREATE SCHEMA dancu;

CREATE TYPE dancu.gioi_tinh_enum AS ENUM ('NAM', 'NU', 'CHUA_XAC_DINH');
CREATE DOMAIN dancu.d_so_dinh_danh AS varchar(12);
CREATE DOMAIN dancu.d_ma_xa AS char(5) CHECK (VALUE ~ '^[0-9]{5}$');

-- Partitioned by province of residence: a move to another province turns an UPDATE into a DELETE in one partition and an INSERT in another.
CREATE TABLE dancu.cong_dan (
    so_dinh_danh        dancu.d_so_dinh_danh NOT NULL,
    ma_tinh             char(2)              NOT NULL,
    ho_ten              varchar(150)         NOT NULL,
    ten_goi_khac        text[],
    ngay_sinh           date                 NOT NULL,
    do_chinh_xac_ns     char(1)              NOT NULL DEFAULT 'D',   -- D day, M month, Y year
    gioi_tinh           dancu.gioi_tinh_enum NOT NULL,
    ma_dan_toc          smallint,                                    -- 1..54, no leading zero
    quoc_tich           char(3)              DEFAULT 'VNM',
    tt_hon_nhan         smallint,
    nhom_mau            text,                                        -- 'O', 'AB', 'O+', 'Rh-' ...
    que_quan_tinh       char(2),
    ma_xa_thuong_tru    dancu.d_ma_xa,
    dia_chi             jsonb,                                       -- {"so_nha": "...", "to": "...", "toa_do": [lat, lon]}
    so_cmnd_cu          varchar(12),
    so_dd_cha           dancu.d_so_dinh_danh,
    so_dd_me            dancu.d_so_dinh_danh,
    sdt                 varchar(20),
    email               text,
    trang_thai          smallint             NOT NULL DEFAULT 1,     -- 1 alive, 2 deceased, 3 missing
    anh_chan_dung       bytea,
    "nguoiCapNhat"      text,
    cap_nhat_luc        timestamptz          NOT NULL DEFAULT now(),
    PRIMARY KEY (so_dinh_danh, ma_tinh)
) PARTITION BY LIST (ma_tinh);
CREATE TABLE dancu.cong_dan_p01 PARTITION OF dancu.cong_dan FOR VALUES IN ('01');
CREATE TABLE dancu.cong_dan_p79 PARTITION OF dancu.cong_dan FOR VALUES IN ('79');
CREATE TABLE dancu.cong_dan_con_lai PARTITION OF dancu.cong_dan DEFAULT;

CREATE TABLE dancu.ho_gia_dinh (
    ma_ho           numeric(12, 0) PRIMARY KEY,
    so_dd_chu_ho    dancu.d_so_dinh_danh NOT NULL,
    ma_xa           varchar(10),                                     -- now and then with spaces behind
    ngay_lap        timestamp without time zone,                     -- local time, zone not stored
    so_thanh_vien   integer,
    cap_nhat_luc    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dancu.thanh_vien_ho (
    ma_ho           numeric(12, 0) NOT NULL,
    so_dinh_danh    dancu.d_so_dinh_danh NOT NULL,
    quan_he         varchar(2) NOT NULL,
    tu_ngay         date NOT NULL,
    den_ngay        date,
    PRIMARY KEY (ma_ho, so_dinh_danh, tu_ngay)
);
CREATE INDEX ON dancu.thanh_vien_ho (so_dinh_danh);

-- Settings of the registration software: the working day that it stamps rows with, and how many events it has recorded.
CREATE TABLE dancu.tham_so (
    ten             text PRIMARY KEY,
    gia_tri         text NOT NULL
);
